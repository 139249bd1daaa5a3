package main

import (
	"os"

	"google.golang.org/protobuf/encoding/protojson"

	pb "github.com/acme/online-boutique/src/productcatalogservice/genproto"
)

// loadCatalog reads the whole catalogue once, at start.
func loadCatalog(path string) ([]*pb.Product, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var catalog pb.ListProductsResponse
	if err := protojson.Unmarshal(data, &catalog); err != nil {
		return nil, err
	}
	log.Infof("successfully parsed product catalog json (%d products)", len(catalog.Products))
	return catalog.Products, nil
}
