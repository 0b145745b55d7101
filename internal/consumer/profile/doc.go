// Package profile keeps what people tell about themselves once so that every service can use it: how they are called, in
// which language they read, where they live and by which ways they want to be told of news. Who they are and how they
// prove it is identity's.
//
// It also gives people a copy of all that is kept about them, and erases them: what the law keeps stays until its day.
//
// Tables: person, member (people without an account for whom a person applies), export, erasure. Jobs: profile.export,
// profile.expire_export, profile.erase. No events. Names, and all about members, are
// sealed with the person's key.
package profile
