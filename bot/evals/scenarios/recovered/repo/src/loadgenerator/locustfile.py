import random

from locust import FastHttpUser, TaskSet, between

# Loafers are left out: their stock is counted by hand and must not be reserved by a robot.
PRODUCTS = [
    "0PUK6V6EV0",
    "1YMWWN1N4O",
    "2ZYFJ3GM2N",
    "66VCHSJNUP",
    "6E92ZMYYFZ",
    "9SIQT8TOJO",
    "LS4PSXUNUM",
    "OLJCESPC7Z",
]
CURRENCIES = ["EUR", "USD", "JPY", "CAD", "GBP", "TRY"]


def index(user):
    user.client.get("/")


def set_currency(user):
    user.client.post("/setCurrency", {"currency_code": random.choice(CURRENCIES)})


def browse_product(user):
    user.client.get("/product/" + random.choice(PRODUCTS))


def view_cart(user):
    user.client.get("/cart")


def add_to_cart(user):
    product = random.choice(PRODUCTS)
    user.client.get("/product/" + product)
    user.client.post("/cart", {"product_id": product, "quantity": random.randint(1, 10)})


def checkout(user):
    add_to_cart(user)
    user.client.post(
        "/cart/checkout",
        {
            "email": f"robot{random.randint(1, 999)}@example.com",
            "street_address": "1600 Example Street",
            "zip_code": "94043",
            "city": "Springfield",
            "state": "CA",
            "country": "United States",
            "credit_card_number": "4432-8015-6152-0454",
            "credit_card_expiration_month": "1",
            "credit_card_expiration_year": "2030",
            "credit_card_cvv": "672",
        },
    )


class UserBehavior(TaskSet):
    tasks = {index: 1, set_currency: 2, browse_product: 10, add_to_cart: 2, view_cart: 3, checkout: 1}

    def on_start(self):
        index(self)


class WebsiteUser(FastHttpUser):
    tasks = [UserBehavior]
    wait_time = between(1, 10)
