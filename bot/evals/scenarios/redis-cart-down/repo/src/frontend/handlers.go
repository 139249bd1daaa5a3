package main

import (
	"context"
	"encoding/json"
	"html/template"
	"net/http"
	"strconv"

	"github.com/gorilla/mux"
	"github.com/pkg/errors"
	"github.com/sirupsen/logrus"

	pb "github.com/acme/online-boutique/src/frontend/genproto"
	"github.com/acme/online-boutique/src/frontend/money"
	"github.com/acme/online-boutique/src/frontend/validator"
)

var templates = template.Must(template.ParseGlob("templates/*.html"))

func (fe *frontendServer) homeHandler(w http.ResponseWriter, r *http.Request) {
	log := loggerOf(r)
	currencies, err := fe.getCurrencies(r.Context())
	if err != nil {
		renderHTTPError(log, r, w, errors.Wrap(err, "could not retrieve currencies"), http.StatusInternalServerError)
		return
	}
	products, err := fe.getProducts(r.Context())
	if err != nil {
		renderHTTPError(log, r, w, errors.Wrap(err, "could not retrieve products"), http.StatusInternalServerError)
		return
	}
	cart, err := fe.getCart(r.Context(), sessionID(r))
	if err != nil {
		renderHTTPError(log, r, w, errors.Wrap(err, "could not retrieve cart"), http.StatusInternalServerError)
		return
	}

	type productView struct {
		Item  *pb.Product
		Price *pb.Money
	}
	views := make([]productView, len(products))
	for i, p := range products {
		price, err := fe.convertCurrency(r.Context(), p.GetPriceUsd(), currentCurrency(r))
		if err != nil {
			renderHTTPError(log, r, w, errors.Wrapf(err, "failed to do currency conversion for product %s", p.GetId()), http.StatusInternalServerError)
			return
		}
		views[i] = productView{p, price}
	}
	render(log, w, r, "home", map[string]any{
		"currencies": currencies,
		"products":   views,
		"cart_size":  cartSize(cart),
		"ad":         fe.chooseAd(r.Context(), nil, log),
	})
}

func (fe *frontendServer) productHandler(w http.ResponseWriter, r *http.Request) {
	log := loggerOf(r)
	id := mux.Vars(r)["id"]
	if id == "" {
		renderHTTPError(log, r, w, errors.New("product id not specified"), http.StatusBadRequest)
		return
	}
	p, err := fe.getProduct(r.Context(), id)
	if err != nil {
		renderHTTPError(log, r, w, errors.Wrap(err, "could not retrieve product"), http.StatusInternalServerError)
		return
	}
	cart, err := fe.getCart(r.Context(), sessionID(r))
	if err != nil {
		renderHTTPError(log, r, w, errors.Wrap(err, "could not retrieve cart"), http.StatusInternalServerError)
		return
	}
	price, err := fe.convertCurrency(r.Context(), p.GetPriceUsd(), currentCurrency(r))
	if err != nil {
		renderHTTPError(log, r, w, errors.Wrap(err, "failed to convert currency"), http.StatusInternalServerError)
		return
	}
	recommendations, err := fe.getRecommendations(r.Context(), sessionID(r), []string{id})
	if err != nil {
		log.WithField("error", err).Warn("failed to get product recommendations")
	}
	render(log, w, r, "product", map[string]any{
		"product":         p,
		"price":           price,
		"cart_size":       cartSize(cart),
		"recommendations": recommendations,
		"ad":              fe.chooseAd(r.Context(), p.GetCategories(), log),
	})
}

func (fe *frontendServer) addToCartHandler(w http.ResponseWriter, r *http.Request) {
	log := loggerOf(r)
	quantity, _ := strconv.ParseUint(r.FormValue("quantity"), 10, 32)
	payload := validator.AddToCartPayload{Quantity: quantity, ProductID: r.FormValue("product_id")}
	if err := payload.Validate(); err != nil {
		renderHTTPError(log, r, w, validator.ValidationErrorResponse(err), http.StatusUnprocessableEntity)
		return
	}
	log.WithField("product", payload.ProductID).WithField("quantity", payload.Quantity).Debug("adding to cart")

	p, err := fe.getProduct(r.Context(), payload.ProductID)
	if err != nil {
		renderHTTPError(log, r, w, errors.Wrap(err, "could not retrieve product"), http.StatusInternalServerError)
		return
	}
	if err := fe.insertCart(r.Context(), sessionID(r), p.GetId(), int32(payload.Quantity)); err != nil {
		renderHTTPError(log, r, w, errors.Wrap(err, "failed to add to cart"), http.StatusInternalServerError)
		return
	}
	w.Header().Set("location", "/cart")
	w.WriteHeader(http.StatusFound)
}

func (fe *frontendServer) emptyCartHandler(w http.ResponseWriter, r *http.Request) {
	log := loggerOf(r)
	log.Debug("emptying cart")
	if err := fe.emptyCart(r.Context(), sessionID(r)); err != nil {
		renderHTTPError(log, r, w, errors.Wrap(err, "failed to empty cart"), http.StatusInternalServerError)
		return
	}
	w.Header().Set("location", "/")
	w.WriteHeader(http.StatusFound)
}

func (fe *frontendServer) viewCartHandler(w http.ResponseWriter, r *http.Request) {
	log := loggerOf(r)
	cart, err := fe.getCart(r.Context(), sessionID(r))
	if err != nil {
		renderHTTPError(log, r, w, errors.Wrap(err, "could not retrieve cart"), http.StatusInternalServerError)
		return
	}
	shippingCost, err := fe.getShippingQuote(r.Context(), cart, currentCurrency(r))
	if err != nil {
		renderHTTPError(log, r, w, errors.Wrap(err, "failed to get shipping quote"), http.StatusInternalServerError)
		return
	}
	total := &pb.Money{CurrencyCode: currentCurrency(r)}
	for _, item := range cart {
		p, err := fe.getProduct(r.Context(), item.GetProductId())
		if err != nil {
			renderHTTPError(log, r, w, errors.Wrapf(err, "could not retrieve product #%s", item.GetProductId()), http.StatusInternalServerError)
			return
		}
		price, err := fe.convertCurrency(r.Context(), p.GetPriceUsd(), currentCurrency(r))
		if err != nil {
			renderHTTPError(log, r, w, errors.Wrapf(err, "could not convert currency for product #%s", item.GetProductId()), http.StatusInternalServerError)
			return
		}
		total = money.Must(money.Sum(total, money.MultiplySlow(price, uint32(item.GetQuantity()))))
	}
	render(log, w, r, "cart", map[string]any{
		"items":         cart,
		"shipping_cost": shippingCost,
		"total_cost":    money.Must(money.Sum(total, shippingCost)),
		"cart_size":     cartSize(cart),
	})
}

func (fe *frontendServer) placeOrderHandler(w http.ResponseWriter, r *http.Request) {
	log := loggerOf(r)
	log.Debug("placing order")
	payload := validator.PlaceOrderFromForm(r)
	if err := payload.Validate(); err != nil {
		renderHTTPError(log, r, w, validator.ValidationErrorResponse(err), http.StatusUnprocessableEntity)
		return
	}
	order, err := fe.placeOrder(r.Context(), sessionID(r), currentCurrency(r), payload)
	if err != nil {
		renderHTTPError(log, r, w, errors.Wrap(err, "failed to complete the order"), http.StatusInternalServerError)
		return
	}
	log.WithField("order", order.GetOrderId()).Info("order placed")
	render(log, w, r, "order", map[string]any{"order": order})
}

func (fe *frontendServer) setCurrencyHandler(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{Name: cookieCurrency, Value: r.FormValue("currency_code"), MaxAge: cookieMaxAge})
	referer := r.Header.Get("referer")
	if referer == "" {
		referer = "/"
	}
	w.Header().Set("Location", referer)
	w.WriteHeader(http.StatusFound)
}

// chooseAd never fails a page: without an ad the page is complete.
func (fe *frontendServer) chooseAd(ctx context.Context, keys []string, log logrus.FieldLogger) *pb.Ad {
	ads, err := fe.getAd(ctx, keys)
	if err != nil || len(ads) == 0 {
		log.WithField("error", err).Warn("failed to retrieve ads")
		return nil
	}
	return ads[0]
}

func renderHTTPError(log logrus.FieldLogger, r *http.Request, w http.ResponseWriter, err error, code int) {
	log.WithField("error", err).Error("request error")
	w.WriteHeader(code)
	body, _ := json.Marshal(map[string]any{"status": code, "error": http.StatusText(code)})
	_, _ = w.Write(body)
}

func render(log logrus.FieldLogger, w http.ResponseWriter, r *http.Request, name string, data map[string]any) {
	data["session_id"] = sessionID(r)
	data["currency"] = currentCurrency(r)
	if err := templates.ExecuteTemplate(w, name, data); err != nil {
		log.WithField("error", err).Error("template error")
	}
}

func cartSize(items []*pb.CartItem) int {
	size := 0
	for _, item := range items {
		size += int(item.GetQuantity())
	}
	return size
}

func sessionID(r *http.Request) string {
	id, _ := r.Context().Value(ctxKeySessionID{}).(string)
	return id
}

func loggerOf(r *http.Request) logrus.FieldLogger {
	return r.Context().Value(ctxKeyLog{}).(logrus.FieldLogger)
}

func currentCurrency(r *http.Request) string {
	if c, err := r.Cookie(cookieCurrency); err == nil && c.Value != "" {
		return c.Value
	}
	return defaultCurrency
}
