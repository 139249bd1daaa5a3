import os
import random
import time
from concurrent import futures

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

import demo_pb2
import demo_pb2_grpc
from logger import getJSONLogger

logger = getJSONLogger("recommendationservice-server")

MAX_RESPONSES = 5


class RecommendationService(demo_pb2_grpc.RecommendationServiceServicer):
    def __init__(self, catalog):
        self._catalog = catalog

    def ListRecommendations(self, request, context):
        """Other products than those asked about, at random."""
        listed = self._catalog.ListProducts(demo_pb2.Empty())
        candidates = sorted({p.id for p in listed.products} - set(request.product_ids))
        chosen = random.sample(candidates, min(MAX_RESPONSES, len(candidates)))
        logger.info(f"[Recv ListRecommendations] product_ids={chosen}")
        response = demo_pb2.ListRecommendationsResponse()
        response.product_ids.extend(chosen)
        return response

    def Check(self, request, context):
        return health_pb2.HealthCheckResponse(status=health_pb2.HealthCheckResponse.SERVING)


def main():
    logger.info("initializing recommendationservice")
    address = os.environ.get("PRODUCT_CATALOG_SERVICE_ADDR", "")
    if not address:
        raise RuntimeError("PRODUCT_CATALOG_SERVICE_ADDR environment variable not set")
    logger.info(f"product catalog address: {address}")
    catalog = demo_pb2_grpc.ProductCatalogServiceStub(grpc.insecure_channel(address))

    server = grpc.server(futures.ThreadPoolExecutor(max_workers=10))
    service = RecommendationService(catalog)
    demo_pb2_grpc.add_RecommendationServiceServicer_to_server(service, server)
    health_pb2_grpc.add_HealthServicer_to_server(service, server)

    port = os.environ.get("PORT", "8080")
    logger.info(f"listening on port: {port}")
    server.add_insecure_port(f"[::]:{port}")
    server.start()
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        server.stop(0)


if __name__ == "__main__":
    main()
