// Package exchange is the data exchange: the only place where those who need a service and those who provide it
// meet. A consumer sends a ServiceRequest; the exchange looks the service up in its directory and delivers to the
// provider, in this process or, signed, over HTTP to somebody else's; the provider's ServiceResponses come back the
// same way. Delivery is at least once, in order per request, and once in effect: a message that was delivered is
// never delivered again.
//
// Whoever provides elsewhere is registered as a Provider with its address and its keys. Messages to it carry a token signed by
// its agency's key for messages, its own one signed by a key of its own (HeaderSignature, docs/providers.md). A route without a
// provider may still have an address and a shared secret, by which messages are signed as Standard Webhooks.
//
// Tables: exchange.route (directory), exchange.message (what is on its way and what has arrived), exchange.provider,
// exchange.provider_key.
// Jobs: exchange.deliver, exchange.ping (tests a connection), exchange.keys (fetches providers' keys, daily).
// Events, on which read models feed: exchange.case.received.v1, .moved.v1, .decided.v1, .paid.v1, .overdue.v1;
// the provider publishes them, so that nobody who counts cases needs to know who works on them.
package exchange
