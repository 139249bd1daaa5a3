const cardValidator = require('simple-card-validator');
const { v4: uuidv4 } = require('uuid');

const logger = require('./logger');

class CreditCardError extends Error {
  constructor(message) {
    super(message);
    this.code = 400; // Invalid argument error
  }
}

class InvalidCreditCard extends CreditCardError {
  constructor() {
    super('Credit card info is invalid');
  }
}

class UnacceptedCreditCard extends CreditCardError {
  constructor(cardType) {
    super(`Sorry, we cannot process ${cardType} credit cards. Only VISA or MasterCard is accepted.`);
  }
}

class ExpiredCreditCard extends CreditCardError {
  constructor(number, month, year) {
    super(`Your credit card (ending ${number.slice(-4)}) expired on ${month}/${year}`);
  }
}

/**
 * Checks the card and (pretends to) charge it.
 *
 * @param request {amount: Money, credit_card: CreditCardInfo}
 * @returns {transaction_id: string}
 */
module.exports = function charge(request) {
  const { amount, credit_card: creditCard } = request;
  const cardNumber = creditCard.credit_card_number;
  const { card_type: cardType, valid } = cardValidator(cardNumber).getCardDetails();

  if (!valid) {
    throw new InvalidCreditCard();
  }
  if (!(cardType === 'visa' || cardType === 'mastercard')) {
    throw new UnacceptedCreditCard(cardType);
  }

  const now = new Date();
  const currentMonth = now.getFullYear() * 12 + now.getMonth() + 1;
  const { credit_card_expiration_year: year, credit_card_expiration_month: month } = creditCard;
  if (currentMonth > year * 12 + month) {
    throw new ExpiredCreditCard(cardNumber.replace('-', ''), month, year);
  }

  logger.info(`Transaction processed: ${cardType} ending ${cardNumber.slice(-4)} ` +
    `Amount: ${amount.currency_code}${amount.units}.${amount.nanos}`);

  return { transaction_id: uuidv4() };
};
