package main

import (
	"context"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	pb "github.com/acme/online-boutique/src/productcatalogservice/genproto"
)

type productCatalog struct {
	pb.UnimplementedProductCatalogServiceServer
	products []*pb.Product
}

func (c *productCatalog) ListProducts(context.Context, *pb.Empty) (*pb.ListProductsResponse, error) {
	time.Sleep(extraLatency)
	return &pb.ListProductsResponse{Products: c.products}, nil
}

func (c *productCatalog) GetProduct(_ context.Context, req *pb.GetProductRequest) (*pb.Product, error) {
	time.Sleep(extraLatency)
	for _, p := range c.products {
		if p.GetId() == req.GetId() {
			return p, nil
		}
	}
	return nil, status.Errorf(codes.NotFound, "no product with ID %s", req.GetId())
}

func (c *productCatalog) SearchProducts(_ context.Context, req *pb.SearchProductsRequest) (*pb.SearchProductsResponse, error) {
	time.Sleep(extraLatency)
	query := strings.ToLower(req.GetQuery())
	var found []*pb.Product
	for _, p := range c.products {
		if strings.Contains(strings.ToLower(p.GetName()+" "+p.GetDescription()), query) {
			found = append(found, p)
		}
	}
	return &pb.SearchProductsResponse{Results: found}, nil
}
