// Package desk is the service desk: assisted access for people who come to a counter. It finds or registers the person, has
// them agree that a member of staff acts for them, and keeps who was acted for, by whom, and on what consent.
//
// What is done in the person's name goes the same way as what they do themselves, and is on record as the operator's for the
// person. A visit is a delegation of identity that ends by itself.
//
// A till is a session of one operator at one counter with one drawer: opened with a float, counted note by note, closed by a
// supervisor. What is taken and booked is payment's.
//
// Who waits has a token of a topic of the office, which names nobody; who has an appointment gets one when they arrive, and is
// called when it is due.
//
// Tables: person, person_token, visit, till, topic, ticket, appointment, call. It publishes no events. Jobs: desk.remind (the day
// before an appointment).
package desk
