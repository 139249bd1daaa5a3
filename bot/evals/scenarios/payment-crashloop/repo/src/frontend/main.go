package main

import (
	"net/http"
	"os"
	"time"

	"github.com/gorilla/mux"
	"github.com/sirupsen/logrus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

const (
	defaultCurrency = "USD"
	cookieMaxAge    = 60 * 60 * 48
	cookieSessionID = "shop_session-id"
	cookieCurrency  = "shop_currency"
)

type frontendServer struct {
	productCatalogConn *grpc.ClientConn
	currencyConn       *grpc.ClientConn
	cartConn           *grpc.ClientConn
	recommendationConn *grpc.ClientConn
	checkoutConn       *grpc.ClientConn
	shippingConn       *grpc.ClientConn
	adConn             *grpc.ClientConn
}

func main() {
	log := logrus.New()
	log.Level = logrus.DebugLevel
	log.Formatter = &logrus.JSONFormatter{
		FieldMap: logrus.FieldMap{
			logrus.FieldKeyTime:  "timestamp",
			logrus.FieldKeyLevel: "severity",
			logrus.FieldKeyMsg:   "message",
		},
		TimestampFormat: time.RFC3339Nano,
	}
	log.Out = os.Stdout

	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}

	svc := &frontendServer{
		productCatalogConn: mustConnect("PRODUCT_CATALOG_SERVICE_ADDR"),
		currencyConn:       mustConnect("CURRENCY_SERVICE_ADDR"),
		cartConn:           mustConnect("CART_SERVICE_ADDR"),
		recommendationConn: mustConnect("RECOMMENDATION_SERVICE_ADDR"),
		checkoutConn:       mustConnect("CHECKOUT_SERVICE_ADDR"),
		shippingConn:       mustConnect("SHIPPING_SERVICE_ADDR"),
		adConn:             mustConnect("AD_SERVICE_ADDR"),
	}

	r := mux.NewRouter()
	r.HandleFunc("/", svc.homeHandler).Methods(http.MethodGet, http.MethodHead)
	r.HandleFunc("/product/{id}", svc.productHandler).Methods(http.MethodGet, http.MethodHead)
	r.HandleFunc("/cart", svc.viewCartHandler).Methods(http.MethodGet, http.MethodHead)
	r.HandleFunc("/cart", svc.addToCartHandler).Methods(http.MethodPost)
	r.HandleFunc("/cart/empty", svc.emptyCartHandler).Methods(http.MethodPost)
	r.HandleFunc("/cart/checkout", svc.placeOrderHandler).Methods(http.MethodPost)
	r.HandleFunc("/setCurrency", svc.setCurrencyHandler).Methods(http.MethodPost)
	r.PathPrefix("/static/").Handler(http.StripPrefix("/static/", http.FileServer(http.Dir("./static/"))))
	r.HandleFunc("/_healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) })

	var handler http.Handler = r
	handler = &logHandler{log: log, next: handler}
	handler = ensureSessionID(handler)

	log.Infof("starting server on :%s", port)
	log.Fatal(http.ListenAndServe(":"+port, handler))
}

func mustConnect(variable string) *grpc.ClientConn {
	addr := os.Getenv(variable)
	if addr == "" {
		panic("environment variable " + variable + " is not set")
	}
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		panic("grpc: cannot use " + addr + ": " + err.Error())
	}
	return conn
}
