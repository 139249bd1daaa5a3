package main

import (
	"net"
	"os"
	"time"

	"github.com/sirupsen/logrus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	pb "github.com/acme/online-boutique/src/productcatalogservice/genproto"
)

var (
	log          = logrus.New()
	extraLatency time.Duration
)

func main() {
	log.Formatter = &logrus.JSONFormatter{
		FieldMap: logrus.FieldMap{
			logrus.FieldKeyTime:  "timestamp",
			logrus.FieldKeyLevel: "severity",
			logrus.FieldKeyMsg:   "message",
		},
		TimestampFormat: time.RFC3339Nano,
	}
	log.Out = os.Stdout

	if s := os.Getenv("EXTRA_LATENCY"); s != "" {
		v, err := time.ParseDuration(s)
		if err != nil {
			log.Fatalf("failed to parse EXTRA_LATENCY (%s) as time.Duration: %+v", s, err)
		}
		extraLatency = v
		log.Infof("extra latency enabled (duration: %v)", extraLatency)
	}

	catalog, err := loadCatalog("products.json")
	if err != nil {
		log.Fatalf("could not parse product catalog: %v", err)
	}
	listener, err := net.Listen("tcp", ":3550")
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer()
	pb.RegisterProductCatalogServiceServer(server, &productCatalog{products: catalog})
	healthpb.RegisterHealthServer(server, health.NewServer())
	log.Infof("starting grpc server at :3550")
	log.Fatal(server.Serve(listener))
}
