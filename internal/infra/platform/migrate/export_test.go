package migrate

// What the tests run on files of their own.
var (
	UpFiles   = up
	DownFiles = down
)
