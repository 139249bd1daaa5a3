package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/google/uuid"
	"github.com/sirupsen/logrus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	pb "github.com/acme/online-boutique/src/checkoutservice/genproto"
	"github.com/acme/online-boutique/src/checkoutservice/money"
)

var log = newLogger()

func newLogger() *logrus.Logger {
	l := logrus.New()
	l.Level = logrus.DebugLevel
	l.Formatter = &logrus.JSONFormatter{
		FieldMap: logrus.FieldMap{
			logrus.FieldKeyTime:  "timestamp",
			logrus.FieldKeyLevel: "severity",
			logrus.FieldKeyMsg:   "message",
		},
		TimestampFormat: time.RFC3339Nano,
	}
	l.Out = os.Stdout
	return l
}

type checkoutService struct {
	pb.UnimplementedCheckoutServiceServer
	catalog  pb.ProductCatalogServiceClient
	cart     pb.CartServiceClient
	currency pb.CurrencyServiceClient
	shipping pb.ShippingServiceClient
	email    pb.EmailServiceClient
	payment  pb.PaymentServiceClient
}

func main() {
	svc := &checkoutService{
		catalog:  pb.NewProductCatalogServiceClient(mustConnect("PRODUCT_CATALOG_SERVICE_ADDR")),
		cart:     pb.NewCartServiceClient(mustConnect("CART_SERVICE_ADDR")),
		currency: pb.NewCurrencyServiceClient(mustConnect("CURRENCY_SERVICE_ADDR")),
		shipping: pb.NewShippingServiceClient(mustConnect("SHIPPING_SERVICE_ADDR")),
		email:    pb.NewEmailServiceClient(mustConnect("EMAIL_SERVICE_ADDR")),
		payment:  pb.NewPaymentServiceClient(mustConnect("PAYMENT_SERVICE_ADDR")),
	}
	listener, err := net.Listen("tcp", ":5050")
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer()
	pb.RegisterCheckoutServiceServer(server, svc)
	healthpb.RegisterHealthServer(server, health.NewServer())
	log.Infof("starting to listen on tcp: %q", listener.Addr().String())
	log.Fatal(server.Serve(listener))
}

func mustConnect(variable string) *grpc.ClientConn {
	addr := os.Getenv(variable)
	if addr == "" {
		panic("environment variable " + variable + " is not set")
	}
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		panic(err)
	}
	return conn
}

func (cs *checkoutService) PlaceOrder(ctx context.Context, req *pb.PlaceOrderRequest) (*pb.PlaceOrderResponse, error) {
	log.Infof("[PlaceOrder] user_id=%q user_currency=%q", req.UserId, req.UserCurrency)

	orderID := uuid.New().String()
	prep, err := cs.prepareOrder(ctx, req)
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}

	total := prep.shipping
	for _, item := range prep.items {
		total = money.Must(money.Sum(total, money.MultiplySlow(item.Cost, uint32(item.GetItem().GetQuantity()))))
	}

	transactionID, err := cs.chargeCard(ctx, total, req.CreditCard)
	if err != nil {
		return nil, status.Errorf(codes.Internal, "failed to charge card: %+v", err)
	}
	log.Infof("payment went through (transaction_id: %s)", transactionID)

	trackingID, err := cs.shipOrder(ctx, req.Address, prep.cart)
	if err != nil {
		return nil, status.Errorf(codes.Unavailable, "shipping error: %+v", err)
	}
	if _, err := cs.cart.EmptyCart(ctx, &pb.EmptyCartRequest{UserId: req.UserId}); err != nil {
		log.Warnf("failed to empty user cart during checkout: %+v", err)
	}

	order := &pb.OrderResult{
		OrderId: orderID, ShippingTrackingId: trackingID,
		ShippingCost: prep.shipping, ShippingAddress: req.Address, Items: prep.items,
	}
	if _, err := cs.email.SendOrderConfirmation(ctx, &pb.SendOrderConfirmationRequest{Email: req.Email, Order: order}); err != nil {
		log.Warnf("failed to send order confirmation to %q: %+v", req.Email, err)
	} else {
		log.Infof("order confirmation email sent to %q", req.Email)
	}
	return &pb.PlaceOrderResponse{Order: order}, nil
}

type preparation struct {
	items    []*pb.OrderItem
	cart     []*pb.CartItem
	shipping *pb.Money
}

func (cs *checkoutService) prepareOrder(ctx context.Context, req *pb.PlaceOrderRequest) (*preparation, error) {
	cart, err := cs.cart.GetCart(ctx, &pb.GetCartRequest{UserId: req.UserId})
	if err != nil {
		return nil, fmt.Errorf("cart failure: failed to get user cart during checkout: %+v", err)
	}
	items, err := cs.priceItems(ctx, cart.GetItems(), req.UserCurrency)
	if err != nil {
		return nil, fmt.Errorf("failed to prepare order: %+v", err)
	}
	quote, err := cs.shipping.GetQuote(ctx, &pb.GetQuoteRequest{Address: req.Address, Items: cart.GetItems()})
	if err != nil {
		return nil, fmt.Errorf("shipping quote failure: failed to get shipping quote: %+v", err)
	}
	cost, err := cs.convert(ctx, quote.GetCostUsd(), req.UserCurrency)
	if err != nil {
		return nil, fmt.Errorf("failed to convert shipping cost to currency: %+v", err)
	}
	return &preparation{items: items, cart: cart.GetItems(), shipping: cost}, nil
}

func (cs *checkoutService) priceItems(ctx context.Context, cart []*pb.CartItem, currency string) ([]*pb.OrderItem, error) {
	items := make([]*pb.OrderItem, len(cart))
	for i, line := range cart {
		product, err := cs.catalog.GetProduct(ctx, &pb.GetProductRequest{Id: line.GetProductId()})
		if err != nil {
			return nil, fmt.Errorf("failed to get product #%q", line.GetProductId())
		}
		price, err := cs.convert(ctx, product.GetPriceUsd(), currency)
		if err != nil {
			return nil, fmt.Errorf("failed to convert price of %q to %s", line.GetProductId(), currency)
		}
		items[i] = &pb.OrderItem{Item: line, Cost: price}
	}
	return items, nil
}

func (cs *checkoutService) convert(ctx context.Context, from *pb.Money, to string) (*pb.Money, error) {
	return cs.currency.Convert(ctx, &pb.CurrencyConversionRequest{From: from, ToCode: to})
}

func (cs *checkoutService) chargeCard(ctx context.Context, amount *pb.Money, card *pb.CreditCardInfo) (string, error) {
	reply, err := cs.payment.Charge(ctx, &pb.ChargeRequest{Amount: amount, CreditCard: card})
	if err != nil {
		return "", fmt.Errorf("could not charge the card: %+v", err)
	}
	return reply.GetTransactionId(), nil
}

func (cs *checkoutService) shipOrder(ctx context.Context, address *pb.Address, items []*pb.CartItem) (string, error) {
	reply, err := cs.shipping.ShipOrder(ctx, &pb.ShipOrderRequest{Address: address, Items: items})
	if err != nil {
		return "", fmt.Errorf("shipment failed: %+v", err)
	}
	return reply.GetTrackingId(), nil
}
