const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');
const path = require('path');
const pino = require('pino');

const logger = pino({
  name: 'currencyservice-server',
  messageKey: 'message',
  formatters: { level: (label) => ({ severity: label }) },
});

const rates = require('./data/currency_conversion.json');
const PORT = process.env.PORT || 7000;

const load = (file) => grpc.loadPackageDefinition(
  protoLoader.loadSync(path.join(__dirname, 'proto', file), { keepCase: true, longs: String, defaults: true }));
const shopProto = load('demo.proto').hipstershop;
const healthProto = load('grpc/health/v1/health.proto').grpc.health.v1;

/** Moves the fraction of units into nanos, so that both are whole numbers. */
function carry(amount) {
  const fractionSize = Math.pow(10, 9);
  amount.nanos += (amount.units % 1) * fractionSize;
  amount.units = Math.floor(amount.units) + Math.floor(amount.nanos / fractionSize);
  amount.nanos %= fractionSize;
  return amount;
}

function getSupportedCurrencies(call, callback) {
  logger.info('Getting supported currencies...');
  callback(null, { currency_codes: Object.keys(rates) });
}

function convert(call, callback) {
  try {
    const { from, to_code: toCode } = call.request;
    const euros = carry({
      units: from.units / rates[from.currency_code],
      nanos: from.nanos / rates[from.currency_code],
    });
    euros.nanos = Math.round(euros.nanos);

    const result = carry({
      units: euros.units * rates[toCode],
      nanos: euros.nanos * rates[toCode],
    });
    result.units = Math.floor(result.units);
    result.nanos = Math.floor(result.nanos);
    result.currency_code = toCode;

    logger.info('conversion request successful');
    callback(null, result);
  } catch (err) {
    logger.error(`conversion request failed: ${err}`);
    callback(err.message);
  }
}

function check(call, callback) {
  callback(null, { status: 'SERVING' });
}

function main() {
  logger.info(`Starting gRPC server on port ${PORT}...`);
  const server = new grpc.Server();
  server.addService(shopProto.CurrencyService.service, { getSupportedCurrencies, convert });
  server.addService(healthProto.Health.service, { check });
  server.bindAsync(`[::]:${PORT}`, grpc.ServerCredentials.createInsecure(), () => {
    logger.info(`CurrencyService gRPC server started on port ${PORT}`);
  });
}

main();
