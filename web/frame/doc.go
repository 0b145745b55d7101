// Package frame is what every page and API of the surfaces stands on: the route with its permission, the request with
// its tenant, person and language, the unit of work, and how an answer or a failure is written. It owns no rules; the
// modules do.
package frame
