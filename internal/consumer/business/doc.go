// Package business keeps the organisations that apply for services: companies, sole traders, associations. A business is an applicant
// like a person, with an account and a key of its own in identity; nobody signs in to it. Who may act for it are its members, which
// identity keeps as delegations.
//
// Somebody registers a business and claims that they may act for it, on a scanned paper or on an entry of the state's register of
// businesses (registry, register "businesses", key the registration number) that names them as its holder. Until an office has
// confirmed that, nobody acts for it. A number is registered once; where none of its managers is left, somebody may claim it anew.
//
// Tables: business, name_token, claim. No jobs, no events. What is told about a business, and why a claim was refused, is sealed with the
// business's key.
package business
