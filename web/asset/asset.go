// Package asset holds the style sheet, the scripts and the themes of all surfaces: built once when the process
// starts, named by their content, compressed, and served with a year of caching.
package asset

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed NOTICE
var notice string

// Notice names what was taken over from others as files, and under which licences.
func Notice() string { return notice }

//go:embed css js vendor
var source embed.FS

// Prefix is the path under which Handler expects to be mounted.
const Prefix = "/assets/"

// file is one asset as it goes over the wire.
type file struct {
	contentType string
	etag        string
	plain, gzip []byte
}

// store is everything that is served: by public name ("digit.css") and by hashed name ("digit.0a1b2c3d4e5f.css").
type store struct {
	hashed map[string]string
	files  map[string]file
}

var assets = build()

// build makes the assets from the embedded sources; a broken source is a programming error, so it panics.
func build() store {
	s := store{hashed: map[string]string{}, files: map[string]file{}}
	s.add("digit.css", "text/css; charset=utf-8", bundleCSS())
	s.add("digit.js", "text/javascript; charset=utf-8", read("js/digit.js"))
	s.add("passkey.js", "text/javascript; charset=utf-8", read("js/passkey.js"))
	s.add("studio.js", "text/javascript; charset=utf-8", read("js/studio.js"))
	s.add("field.js", "text/javascript; charset=utf-8", read("js/field.js"))
	s.add("form.js", "text/javascript; charset=utf-8", read("js/form.js"))
	s.add("redact.js", "text/javascript; charset=utf-8", read("js/redact.js"))
	s.add("viewer.js", "text/javascript; charset=utf-8", read("js/viewer.js"))
	s.add("icon.svg", "image/svg+xml", read("js/icon.svg"))
	s.add("htmx.js", "text/javascript; charset=utf-8", read("vendor/htmx.min.js"))
	s.add("favicon.svg", "image/svg+xml", read("js/favicon.svg"))
	return s
}

func (s store) add(name, contentType string, body []byte) {
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:6])
	ext := path.Ext(name)
	hashed := strings.TrimSuffix(name, ext) + "." + hash + ext
	s.hashed[name] = hashed
	s.files[hashed] = file{contentType: contentType, etag: `"` + hash + `"`, plain: body, gzip: compress(body)}
}

func read(name string) []byte {
	b, err := fs.ReadFile(source, name)
	if err != nil {
		panic(fmt.Sprintf("asset: %v", err))
	}
	return b
}

func compress(body []byte) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		panic(fmt.Sprintf("asset: %v", err))
	}
	if _, err := w.Write(body); err != nil {
		panic(fmt.Sprintf("asset: %v", err))
	}
	if err := w.Close(); err != nil {
		panic(fmt.Sprintf("asset: %v", err))
	}
	return out.Bytes()
}

// Lookup returns the address of an asset by its public name, such as "/assets/digit.0a1b2c3d4e5f.css" for
// "digit.css". An unknown name is an error.
func Lookup(name string) (string, error) {
	hashed, ok := assets.hashed[name]
	if !ok {
		return "", fmt.Errorf("asset.Lookup(%q): no such asset", name)
	}
	return Prefix + hashed, nil
}

// Path is Lookup for templates. It panics on an unknown name: names are constants of the source, and the tests of
// the shells render them all.
func Path(name string) string {
	p, err := Lookup(name)
	if err != nil {
		panic(err)
	}
	return p
}

// Worker is the script that browsers keep beside the pages, so that they find something without a network. It is served under a path of
// its own, since it may look after what lies below that path alone.
func Worker() []byte { return read("js/worker.js") }

// Size returns how many bytes an asset takes uncompressed and compressed; zero for an unknown name.
func Size(name string) (plain, gzipped int) {
	f := assets.files[assets.hashed[name]]
	return len(f.plain), len(f.gzip)
}

// Handler serves the assets below Prefix. Only hashed names exist, so every answer may be kept for ever.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, ok := assets.files[strings.TrimPrefix(r.URL.Path, Prefix)]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		serve(w, r, f)
	})
}

func serve(w http.ResponseWriter, r *http.Request, f file) {
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("ETag", f.etag)
	h.Set("Vary", "Accept-Encoding")
	h.Set("X-Content-Type-Options", "nosniff")
	if strings.Contains(r.Header.Get("If-None-Match"), f.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := f.plain
	if acceptsGzip(r.Header.Get("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
		body = f.gzip
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodHead {
		return
	}
	// The client that hangs up is the only failure here, and nobody is left to tell.
	_, _ = w.Write(body)
}

// acceptsGzip reports whether an Accept-Encoding header allows gzip ("gzip;q=0" forbids it).
func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, params, _ := strings.Cut(part, ";")
		if strings.TrimSpace(coding) == "gzip" {
			q := strings.ReplaceAll(params, " ", "")
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}
