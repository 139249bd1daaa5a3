const path = require('path');
const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');

const charge = require('./charge');
const logger = require('./logger');

class HipsterShopServer {
  constructor(protoRoot, port) {
    this.port = port;
    this.shop = this.loadProto(path.join(protoRoot, 'demo.proto')).hipstershop;
    this.health = this.loadProto(path.join(protoRoot, 'grpc/health/v1/health.proto')).grpc.health.v1;
    this.server = new grpc.Server();
    this.loadAllProtos();
  }

  /** Answers one ChargeRequest; a refused card becomes a gRPC error. */
  static ChargeServiceHandler(call, callback) {
    try {
      const { amount } = call.request;
      logger.info(`PaymentService#Charge invoked with amount ${amount.currency_code} ${amount.units}.${amount.nanos}`);
      callback(null, charge(call.request));
    } catch (err) {
      logger.warn(err.message);
      callback(err);
    }
  }

  static CheckHandler(call, callback) {
    callback(null, { status: 'SERVING' });
  }

  listen() {
    this.server.bindAsync(`[::]:${this.port}`, grpc.ServerCredentials.createInsecure(), (err) => {
      if (err) {
        logger.error(err);
        process.exit(2);
      }
      logger.info(`PaymentService gRPC server started on port ${this.port}`);
    });
  }

  loadProto(file) {
    return grpc.loadPackageDefinition(
      protoLoader.loadSync(file, { keepCase: true, longs: String, enums: String, defaults: true, oneofs: true }));
  }

  loadAllProtos() {
    this.server.addService(this.shop.PaymentService.service, {
      charge: HipsterShopServer.ChargeServiceHandler.bind(this),
    });
    this.server.addService(this.health.Health.service, {
      check: HipsterShopServer.CheckHandler.bind(this),
    });
  }
}

module.exports = HipsterShopServer;
