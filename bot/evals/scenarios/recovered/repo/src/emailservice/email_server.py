import os
import time
from concurrent import futures

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from jinja2 import Environment, FileSystemLoader, TemplateError, select_autoescape

import demo_pb2
import demo_pb2_grpc
from logger import getJSONLogger

logger = getJSONLogger("emailservice-server")

env = Environment(loader=FileSystemLoader("templates"), autoescape=select_autoescape(["html"]))
template = env.get_template("confirmation.html")


class DummyEmailService(demo_pb2_grpc.EmailServiceServicer):
    """Renders the confirmation and sends nothing."""

    def SendOrderConfirmation(self, request, context):
        logger.info(
            f"A request to send order confirmation email to {request.email} has been received."
        )
        try:
            template.render(order=request.order)
        except TemplateError as err:
            context.set_details("An error occurred when preparing the confirmation mail.")
            logger.error(err.message)
            context.set_code(grpc.StatusCode.INTERNAL)
        return demo_pb2.Empty()

    def Check(self, request, context):
        return health_pb2.HealthCheckResponse(status=health_pb2.HealthCheckResponse.SERVING)


def start():
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=10))
    service = DummyEmailService()
    demo_pb2_grpc.add_EmailServiceServicer_to_server(service, server)
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
    logger.info("starting the email service in dummy mode.")
    start()
