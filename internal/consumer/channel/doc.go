// Package channel is the citizen's side without a browser: a conversation by text message, WhatsApp or USSD, from finding a service to the
// reference, the payment and the certificate. It asks the form of any service one question at a time (package dialogue) and keeps the
// answers through package request, so that what is accepted is the same as on a page.
//
// What somebody writes comes in once for each message of a provider (Hear) and moves the conversation once (Answer). Text messages and
// WhatsApp are answered by a job through notification; USSD at once, as the reply to the provider's request. Who writes is who has proved the
// number: by a code that went there for text messages, whose sender can be forged, and by the provider's word for the others.
//
// Tables: talk, heard, ticket. It publishes no events. Jobs: channel.answer, channel.sweep
// (messages go after eight days, conversations after a year of silence).
package channel
