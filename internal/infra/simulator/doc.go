// Package simulator is the outside world for demonstration and sandbox tenants: phones and mailboxes that receive
// messages, a card payment provider, an identity provider with invented people, and an agency with a system of its
// own. It stands where the real ones would stand and is spoken to in their protocols, over HTTP, so that everything up
// to the wire is the real thing. For a production tenant every method refuses with ErrProduction, and so does the
// database.
//
// Tables: message, media, charge, person, auth_code, foreign_case. No events. Jobs: simulator.webhook (posts a signed
// notice, tried again with growing pauses), simulator.settle (a payment whose answer comes late, a dispute),
// simulator.answer (posts a foreign agency's answer).
//
// # Card payments
//
// A JSON API under {base}/sim/cards, with Authorization: Bearer {key}; the key and the webhook secret of a tenant are
// what Merchant returns.
//
//	POST /sim/cards/charges         ChargeOrder → 201 CardCharge; the same reference gives the same charge
//	GET  /sim/cards/charges/{ref}   → 200 CardCharge, 404
//
// Errors are problem+json. The payer is sent to CardCharge.URL ({base}/sim/cards/pay/{ref}), where the page calls Pay.
// What happened is told to ChargeOrder.WebhookURL as a CardNotice, signed by Standard Webhooks.
//
// Card numbers: 4242 4242 4242 4242 pays; 4000 0000 0000 0002 is declined; 4000 0000 0000 9995 has no money;
// 4000 0000 0000 0119 gives the payer no answer and pays 20 seconds later; 4000 0000 0000 0259 pays and is disputed
// 30 seconds later; 4000 0000 0000 3220 pays and the notice is lost.
//
// # Identity provider
//
// OpenID Connect under {base}/sim/idp: Discovery (/.well-known/openid-configuration), Authorize (/authorize, after
// the page has asked as whom), Exchange (POST /token, form-encoded, client_secret_basic or _post, PKCE S256), JWKS
// (/jwks), UserInfo (/userinfo, bearer).
//
// # Telephony
//
// What is written on the simulated phones is posted to {base}/hooks/sms/{secret}, {base}/hooks/ussd/{secret} as Africa's Talking does, and to
// {base}/hooks/whatsapp as Meta does, signed with the app's secret; Line has the secrets. POST {base}/sim/whatsapp/{phone}/messages takes a
// message as Meta's Graph API does; GET {base}/sim/whatsapp/{media} tells where a file lies that was sent from a phone.
//
// # Foreign agency
//
// POST {base}/sim/agency takes a ServiceRequest as JSON, signed by Standard Webhooks with AgencyKey, into Take; that it
// has arrived and the answer are posted to {base}/hooks/exchange in the same way.
package simulator
