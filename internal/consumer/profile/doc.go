// Package profile keeps what people tell about themselves once so that every service can use it: how they are called, in
// which language they read, where they live and by which ways they want to be told of news. Who they are and how they
// prove it is identity's.
//
// Table: person. No events, no jobs. The name is sealed with the person's key.
package profile
