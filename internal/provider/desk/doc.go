// Package desk is the service desk: assisted access for people who come to a counter. It finds or registers the person, has
// them agree that a member of staff acts for them, and keeps who was acted for, by whom, and on what consent.
//
// What is done in the person's name goes the same way as what they do themselves, and is on record as the operator's for the
// person. A visit is a delegation of identity that ends by itself.
//
// Tables: person, person_token, visit. It publishes no events and has no jobs.
package desk
