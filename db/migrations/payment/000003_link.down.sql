DROP TABLE payment.link;
