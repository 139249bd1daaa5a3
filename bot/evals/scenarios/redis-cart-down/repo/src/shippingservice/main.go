package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/sirupsen/logrus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	pb "github.com/acme/online-boutique/src/shippingservice/genproto"
)

const defaultPort = "50051"

var log = logrus.New()

type server struct {
	pb.UnimplementedShippingServiceServer
}

func main() {
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

	port := defaultPort
	if value, ok := os.LookupEnv("PORT"); ok {
		port = value
	}
	listener, err := net.Listen("tcp", fmt.Sprintf(":%s", port))
	if err != nil {
		log.Fatalf("failed to listen: %v", err)
	}
	srv := grpc.NewServer()
	pb.RegisterShippingServiceServer(srv, &server{})
	healthpb.RegisterHealthServer(srv, health.NewServer())
	log.Infof("Shipping Service listening on port :%s", port)
	if err := srv.Serve(listener); err != nil {
		log.Fatalf("failed to serve: %v", err)
	}
}

// GetQuote prices a shipment by the number of pieces, in USD.
func (s *server) GetQuote(_ context.Context, in *pb.GetQuoteRequest) (*pb.GetQuoteResponse, error) {
	log.Info("[GetQuote] received request")
	defer log.Info("[GetQuote] completed request")

	count := 0
	for _, item := range in.Items {
		count += int(item.Quantity)
	}
	quote := quoteForCount(count)
	return &pb.GetQuoteResponse{
		CostUsd: &pb.Money{CurrencyCode: "USD", Units: int64(quote.Dollars), Nanos: int32(quote.Cents * 10000000)},
	}, nil
}

// ShipOrder makes up a tracking id.
func (s *server) ShipOrder(_ context.Context, in *pb.ShipOrderRequest) (*pb.ShipOrderResponse, error) {
	log.Info("[ShipOrder] received request")
	defer log.Info("[ShipOrder] completed request")

	base := fmt.Sprintf("%s, %s, %s", in.Address.StreetAddress, in.Address.City, in.Address.State)
	return &pb.ShipOrderResponse{TrackingId: createTrackingID(base)}, nil
}
