package main

import (
	"context"
	"time"

	"github.com/pkg/errors"

	pb "github.com/acme/online-boutique/src/frontend/genproto"
	"github.com/acme/online-boutique/src/frontend/validator"
)

const adTimeout = 100 * time.Millisecond

func (fe *frontendServer) getCurrencies(ctx context.Context) ([]string, error) {
	reply, err := pb.NewCurrencyServiceClient(fe.currencyConn).GetSupportedCurrencies(ctx, &pb.Empty{})
	if err != nil {
		return nil, err
	}
	return reply.GetCurrencyCodes(), nil
}

func (fe *frontendServer) getProducts(ctx context.Context) ([]*pb.Product, error) {
	reply, err := pb.NewProductCatalogServiceClient(fe.productCatalogConn).ListProducts(ctx, &pb.Empty{})
	return reply.GetProducts(), err
}

func (fe *frontendServer) getProduct(ctx context.Context, id string) (*pb.Product, error) {
	return pb.NewProductCatalogServiceClient(fe.productCatalogConn).GetProduct(ctx, &pb.GetProductRequest{Id: id})
}

func (fe *frontendServer) getCart(ctx context.Context, userID string) ([]*pb.CartItem, error) {
	reply, err := pb.NewCartServiceClient(fe.cartConn).GetCart(ctx, &pb.GetCartRequest{UserId: userID})
	return reply.GetItems(), err
}

func (fe *frontendServer) emptyCart(ctx context.Context, userID string) error {
	_, err := pb.NewCartServiceClient(fe.cartConn).EmptyCart(ctx, &pb.EmptyCartRequest{UserId: userID})
	return err
}

func (fe *frontendServer) insertCart(ctx context.Context, userID, productID string, quantity int32) error {
	_, err := pb.NewCartServiceClient(fe.cartConn).AddItem(ctx, &pb.AddItemRequest{
		UserId: userID,
		Item:   &pb.CartItem{ProductId: productID, Quantity: quantity},
	})
	return err
}

func (fe *frontendServer) convertCurrency(ctx context.Context, amount *pb.Money, currency string) (*pb.Money, error) {
	if amount.GetCurrencyCode() == currency {
		return amount, nil
	}
	return pb.NewCurrencyServiceClient(fe.currencyConn).Convert(ctx, &pb.CurrencyConversionRequest{From: amount, ToCode: currency})
}

func (fe *frontendServer) getShippingQuote(ctx context.Context, items []*pb.CartItem, currency string) (*pb.Money, error) {
	quote, err := pb.NewShippingServiceClient(fe.shippingConn).GetQuote(ctx, &pb.GetQuoteRequest{Items: items})
	if err != nil {
		return nil, err
	}
	localized, err := fe.convertCurrency(ctx, quote.GetCostUsd(), currency)
	return localized, errors.Wrap(err, "failed to convert currency for shipping cost")
}

func (fe *frontendServer) getRecommendations(ctx context.Context, userID string, productIDs []string) ([]*pb.Product, error) {
	reply, err := pb.NewRecommendationServiceClient(fe.recommendationConn).ListRecommendations(ctx,
		&pb.ListRecommendationsRequest{UserId: userID, ProductIds: productIDs})
	if err != nil {
		return nil, err
	}
	products := make([]*pb.Product, 0, 4)
	for _, id := range reply.GetProductIds() {
		p, err := fe.getProduct(ctx, id)
		if err != nil {
			return nil, errors.Wrapf(err, "failed to get recommended product info (#%s)", id)
		}
		if products = append(products, p); len(products) == cap(products) {
			break
		}
	}
	return products, nil
}

func (fe *frontendServer) getAd(ctx context.Context, keys []string) ([]*pb.Ad, error) {
	ctx, cancel := context.WithTimeout(ctx, adTimeout)
	defer cancel()
	reply, err := pb.NewAdServiceClient(fe.adConn).GetAds(ctx, &pb.AdRequest{ContextKeys: keys})
	return reply.GetAds(), errors.Wrap(err, "failed to get ads")
}

func (fe *frontendServer) placeOrder(ctx context.Context, userID, currency string, order validator.PlaceOrderPayload) (*pb.OrderResult, error) {
	reply, err := pb.NewCheckoutServiceClient(fe.checkoutConn).PlaceOrder(ctx, order.Request(userID, currency))
	return reply.GetOrder(), err
}
