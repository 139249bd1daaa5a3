// Package validator checks what forms send before anything is asked of other services.
package validator

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	pb "github.com/acme/online-boutique/src/frontend/genproto"
)

const maxQuantity = 10

type AddToCartPayload struct {
	Quantity  uint64
	ProductID string
}

func (p AddToCartPayload) Validate() error {
	if p.ProductID == "" {
		return errors.New("product_id is required")
	}
	if p.Quantity < 1 || p.Quantity > maxQuantity {
		return errors.New("quantity must be between 1 and 10")
	}
	return nil
}

type PlaceOrderPayload struct {
	Email, Street, City, State, Country string
	ZipCode                             int64
	CardNumber                          string
	CardMonth, CardYear, CardCVV        int64
}

func PlaceOrderFromForm(r *http.Request) PlaceOrderPayload {
	number := func(field string) int64 {
		n, _ := strconv.ParseInt(r.FormValue(field), 10, 32)
		return n
	}
	return PlaceOrderPayload{
		Email: r.FormValue("email"), Street: r.FormValue("street_address"), City: r.FormValue("city"),
		State: r.FormValue("state"), Country: r.FormValue("country"), ZipCode: number("zip_code"),
		CardNumber: strings.ReplaceAll(r.FormValue("credit_card_number"), " ", ""),
		CardMonth:  number("credit_card_expiration_month"), CardYear: number("credit_card_expiration_year"),
		CardCVV: number("credit_card_cvv"),
	}
}

func (p PlaceOrderPayload) Validate() error {
	switch {
	case !strings.Contains(p.Email, "@"):
		return errors.New("email is not valid")
	case p.Street == "" || p.City == "" || p.Country == "":
		return errors.New("address is incomplete")
	case len(p.CardNumber) < 12:
		return errors.New("credit card number is too short")
	}
	return nil
}

func (p PlaceOrderPayload) Request(userID, currency string) *pb.PlaceOrderRequest {
	return &pb.PlaceOrderRequest{
		UserId: userID, UserCurrency: currency, Email: p.Email,
		Address: &pb.Address{StreetAddress: p.Street, City: p.City, State: p.State, Country: p.Country, ZipCode: int32(p.ZipCode)},
		CreditCard: &pb.CreditCardInfo{
			CreditCardNumber: p.CardNumber, CreditCardCvv: int32(p.CardCVV),
			CreditCardExpirationMonth: int32(p.CardMonth), CreditCardExpirationYear: int32(p.CardYear),
		},
	}
}

func ValidationErrorResponse(err error) error {
	return errors.New("invalid form: " + err.Error())
}
