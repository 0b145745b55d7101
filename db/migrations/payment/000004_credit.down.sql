DROP TABLE payment.credit;
