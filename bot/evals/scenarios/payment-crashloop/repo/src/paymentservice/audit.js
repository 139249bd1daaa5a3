const logger = require('./logger');

/** First six and last four digits: what the auditors need, and all they may see. */
function maskedNumber(card) {
  return `${card.number.slice(0, 6)}******${card.number.slice(-4)}`;
}

/**
 * Writes one audit line for a charge.
 *
 * @param request {amount: Money, credit_card: CreditCardInfo}
 * @param reply {transaction_id: string}
 */
function recordCharge(request, reply) {
  const { amount, credit_card: creditCard } = request;
  logger.info({
    audit: true,
    transaction: reply.transaction_id,
    card: maskedNumber(creditCard),
    amount: `${amount.currency_code} ${amount.units}.${amount.nanos}`,
  }, 'charge recorded');
}

module.exports = { recordCharge };
