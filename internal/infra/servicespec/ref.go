package servicespec

// Ref names a version of a published service; version 0 is the newest.
type Ref struct {
	Code    string
	Version int
}
