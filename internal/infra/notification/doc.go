// Package notification sends messages to people: text messages, WhatsApp and e-mail, each once, through the provider the tenant
// has chosen. A message is written in the transaction of the fact it tells of and carried afterwards, with patience;
// who it went to and what it said are sealed with that person's key and are gone with it.
//
// Tables: message, provider. No events. Jobs: notification.deliver (outside a transaction, up to 8 tries over about
// an hour), notification.release (queues what waited for a provider). Carriers: packages smtp, africastalking and whatsapp here, the
// simulator's is plugged in by cmd/digit. What a provider brings (messages of people, delivery reports) is checked by its carrier (Hear).
// A WhatsApp message to who has not written for a day goes as a template that Meta has approved; what is not carried there goes as a text message
// instead, where its sender says so.
package notification
