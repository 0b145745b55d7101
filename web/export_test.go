package web

// Forwarded is tested by itself.
var Forwarded = forwarded
