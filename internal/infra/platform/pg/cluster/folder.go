package cluster

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
)

const (
	port       = "5432" // there is no TCP; the number is only part of the socket's name
	socketName = ".s.PGSQL." + port
	// A socket's path may have 107 bytes on Linux and 103 on macOS.
	socketPathMax = 103
	logSizeMax    = 10 << 20
)

// plainPath are the paths that need no quoting in any of the places a socket folder is written to.
var plainPath = regexp.MustCompile(`^[A-Za-z0-9._/+@=-]+$`)

// makeDataDir makes DIGIT's data folder and returns where its parts are; the socket's place is settled later.
func makeDataDir(dir string) (l layout, err error) {
	if dir == "" {
		dir = DefaultDataDir()
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return l, err
	}
	if err = makeFolders(dir); err != nil {
		return l, err
	}
	// PostgreSQL's working folder is compared with this path, and the system reports that one resolved.
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return l, err
	}
	return layout{data: dir, pgdata: filepath.Join(dir, "postgres"), log: filepath.Join(dir, "postgres.log")}, nil
}

func makeFolders(dir string) error {
	if info, err := os.Stat(dir); err == nil {
		if !info.IsDir() {
			return problem(ErrFolder, nil, "%s is meant to be the data folder, but it is a file.", dir)
		}
		return nil
	}
	err := os.MkdirAll(dir, 0o755)
	if err != nil {
		return explainMkdir(dir, err)
	}
	// Passable for the server's user when that is not us, readable for nobody else: keys may live here too.
	mode := fs.FileMode(0o700)
	if os.Getuid() == 0 {
		mode = 0o711
	}
	return os.Chmod(dir, mode)
}

// explainMkdir names the folder because of which dir could not be made.
func explainMkdir(dir string, cause error) error {
	self, err := ownAccount()
	if err != nil || !errors.Is(cause, fs.ErrPermission) {
		return problem(ErrFolder, cause, "The data folder %s cannot be made.", dir)
	}
	last := "/"
	for _, step := range stepsTo(dir) {
		info, err := os.Stat(step)
		if err != nil {
			break
		}
		if last = step; !self.may(info, 0o1) {
			return problem(ErrFolder, cause, "User %s cannot pass through %s (mode %04o, owner %s), which is on the way to the data folder %s. Choose another data folder.",
				self.name, step, info.Mode().Perm(), userName(statOwner(info)), dir)
		}
	}
	return problem(ErrFolder, cause, "User %s may not make a folder in %s, so there can be no data folder %s. "+
		"Choose another data folder, or have it made and given to %s.", self.name, last, dir, self.name)
}

// makeSocketDir makes the folder of the socket, which only the server's user (and root) can enter.
func makeSocketDir(data string, server account) (string, error) {
	dir := filepath.Join(data, "run")
	if len(dir)+1+len(socketName) > socketPathMax || !plainPath.MatchString(dir) {
		dir = shortSocketDir(data)
	}
	err := os.Mkdir(dir, 0o700)
	switch {
	case err == nil:
		if err := server.own(dir); err != nil {
			return "", err
		}
	case !errors.Is(err, fs.ErrExist):
		return "", problem(ErrFolder, err, "The folder %s for PostgreSQL's socket cannot be made.", dir)
	}
	// A short folder lies where others may write: it must not be a trap that somebody has set up.
	info, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	if owner := statOwner(info); !info.IsDir() || owner != server.uid {
		return "", problem(ErrFolder, nil, "%s must be a folder that belongs to %s, but it belongs to %s. Remove it and start again.", dir, server.name, userName(owner))
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return "", err
	}
	return dir, server.checkReach(dir)
}

// shortSocketDir returns a folder whose path fits a socket and is the same at every start.
func shortSocketDir(data string) string {
	sum := sha256.Sum256([]byte(data))
	name := "digit-" + hex.EncodeToString(sum[:6])
	if os.Getuid() == 0 {
		if info, err := os.Stat("/run"); err == nil && info.IsDir() {
			return filepath.Join("/run", name)
		}
	}
	return filepath.Join("/tmp", name)
}

// openLog opens the server's log for appending. A log that has grown large becomes postgres.log.1 first.
func openLog(path string) (*os.File, error) {
	if info, err := os.Lstat(path); err == nil && info.Size() > logSizeMax {
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, err
		}
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND|syscall.O_NOFOLLOW, 0o640)
	if err != nil {
		return nil, problem(ErrFolder, err, "PostgreSQL's log %s cannot be written.", path)
	}
	return f, nil
}

// writeFile replaces a file of the cluster and gives it to the server's user. It writes beside and renames, so
// that a symbolic link put there by the server's user cannot lead root's writing astray.
func writeFile(path, text string, owner account) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".digit-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if _, err = f.WriteString(text); err != nil {
		return errors.Join(err, f.Close())
	}
	if os.Getuid() == 0 {
		if err = f.Chown(owner.uid, owner.gid); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("replacing %s: %w", path, err)
	}
	return nil
}
