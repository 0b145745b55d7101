package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// account is an operating system user.
type account struct {
	name     string
	uid, gid int
	groups   []int // all of them, the first one included
}

// accounts are the two users of a cluster: who we are, and who the server is.
type accounts struct{ self, server account }

// credential returns what a child needs to become the server's user, nil if we are that user already.
func (a accounts) credential() *syscall.Credential {
	if a.self.uid == a.server.uid {
		return nil
	}
	return &syscall.Credential{Uid: uint32(a.server.uid), Gid: uint32(a.server.gid)}
}

// findAccounts decides whom the server runs as: ourselves, or for root the owner of the cluster that is there,
// else postgres, else nobody.
func findAccounts(pgdata string) (a accounts, err error) {
	if a.self, err = ownAccount(); err != nil {
		return a, err
	}
	owner := ownerOf(pgdata)
	if a.self.uid != 0 {
		if owner >= 0 && owner != a.self.uid {
			return a, problem(ErrFolder, nil, "%s belongs to %s, and this is %s. Start DIGIT as the user it was first started as, or choose another data folder.",
				pgdata, userName(owner), a.self.name)
		}
		a.server = a.self
		return a, nil
	}
	if owner > 0 {
		if u, err := user.LookupId(strconv.Itoa(owner)); err == nil {
			a.server, err = accountOf(u)
			return a, err
		}
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil && u.Uid != "0" {
			a.server, err = accountOf(u)
			return a, err
		}
	}
	return a, problem(ErrUser, nil, "PostgreSQL refuses to run as root, and there is neither a user postgres nor a user nobody to run it as. "+
		"Make one (useradd --system postgres), or start DIGIT as an ordinary user.")
}

func ownAccount() (account, error) {
	u, err := user.Current()
	if err != nil || u.Username == "" {
		return account{}, problem(ErrUser, err, "The user with number %d has no name on this system, and PostgreSQL needs one. "+
			"Add the user to /etc/passwd, or start DIGIT as a user that has a name.", os.Getuid())
	}
	groups, err := os.Getgroups()
	if err != nil {
		return account{}, err
	}
	return account{name: u.Username, uid: os.Getuid(), gid: os.Getgid(), groups: append(groups, os.Getgid())}, nil
}

func accountOf(u *user.User) (account, error) {
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return account{}, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return account{}, err
	}
	// The child is started with this one group, so the others of the user do not count.
	return account{name: u.Username, uid: uid, gid: gid, groups: []int{gid}}, nil
}

// own gives a file or folder that we have just made to the account.
func (a account) own(path string) error {
	if os.Getuid() != 0 {
		return nil
	}
	return os.Lchown(path, a.uid, a.gid)
}

// checkReach reports the first folder on the way to dir that the account cannot pass through. PostgreSQL itself
// would only say "Permission denied" about the last one.
func (a account) checkReach(dir string) error {
	for _, step := range stepsTo(dir) {
		info, err := os.Stat(step)
		if errors.Is(err, fs.ErrPermission) {
			continue // the folder above has been found to be the culprit, or it is the system's to explain
		}
		if err != nil {
			return err
		}
		if !a.may(info, 0o1) {
			return problem(ErrFolder, nil, "User %s, as whom PostgreSQL runs here, cannot pass through %s (mode %04o, owner %s), which is on the way to %s. "+
				"Choose another data folder, or run: chmod o+x %s", a.name, step, info.Mode().Perm(), userName(statOwner(info)), dir, step)
		}
	}
	return nil
}

// may reports whether the mode bits grant the account what bit (1 pass, 2 write, 4 read) asks for.
func (a account) may(info fs.FileInfo, bit fs.FileMode) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || a.uid == 0 {
		return true
	}
	switch {
	case int(st.Uid) == a.uid:
		bit <<= 6
	case slices.Contains(a.groups, int(st.Gid)):
		bit <<= 3
	}
	return info.Mode().Perm()&bit == bit
}

// stepsTo returns dir and every folder above it, from the root down.
func stepsTo(dir string) []string {
	steps := []string{dir}
	for parent := filepath.Dir(dir); parent != dir; dir, parent = parent, filepath.Dir(parent) {
		steps = append(steps, parent)
	}
	slices.Reverse(steps)
	return steps
}

// ownerOf returns the number of the user that owns path, -1 if there is no such path.
func ownerOf(path string) int {
	info, err := os.Lstat(path)
	if err != nil {
		return -1
	}
	return statOwner(info)
}

func statOwner(info fs.FileInfo) int {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(st.Uid)
	}
	return -1
}

func userName(uid int) string {
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return u.Username
	}
	return fmt.Sprintf("user number %d", uid)
}
