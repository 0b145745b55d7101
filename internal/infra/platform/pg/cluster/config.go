package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
)

// tempPrefix begins the names of folders that are still being made; a start removes those of a killed one.
const tempPrefix = ".making-"

// The roles that the two operating system users may be.
var roles = []string{superuser, "digit_owner", "digit_app"}

// settings are for a small state on one machine: the database shares it with the application.
var settings = map[string]string{
	"shared_buffers":        "64MB",
	"max_connections":       "60",
	"work_mem":              "4MB",
	"maintenance_work_mem":  "32MB",
	"autovacuum_work_mem":   "16MB",
	"max_wal_size":          "512MB",
	"wal_level":             "replica", // pg_basebackup works, so a running state can be backed up
	"max_wal_senders":       "3",
	"max_replication_slots": "3",
	"max_worker_processes":  "4",
	"max_parallel_workers":  "2",
	"jit":                   "off", // costs more than it saves on short queries
	"timezone":              "UTC",
	"log_timezone":          "UTC",
	"log_checkpoints":       "off",
	"log_line_prefix":       "%m [%p] %q%u@%d ",
	// The detail of an error quotes the row that broke the rule, and rows are about people.
	"log_error_verbosity":     "terse",
	"log_min_error_statement": "panic",
}

// fast is for data nobody will miss.
var fast = map[string]string{"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}

var settingName = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_.]*$`)

// renderConf returns digit.conf, which postgresql.conf includes last.
func renderConf(opt Options) (string, error) {
	all := maps.Clone(settings)
	if !opt.Fsync {
		maps.Copy(all, fast)
	}
	maps.Copy(all, opt.Settings)
	var b strings.Builder
	b.WriteString("# Written by DIGIT at every start. Settings of your own belong in local.conf, in this folder.\n")
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if !settingName.MatchString(name) || strings.ContainsAny(all[name], "\n\x00") {
			return "", fmt.Errorf("%q = %q cannot be a setting of PostgreSQL", name, all[name])
		}
		fmt.Fprintf(&b, "%s = '%s'\n", name, strings.NewReplacer(`\`, `\\`, `'`, `''`).Replace(all[name]))
	}
	b.WriteString("include_if_exists 'local.conf'\n")
	return b.String(), nil
}

// configure writes the files that follow from this start: settings, and who may come in.
func (c *Cluster) configure() error {
	hba := "# Written by DIGIT at every start.\n" +
		"local all all peer map=digit\n" +
		"local replication all peer map=digit\n"
	users := []string{c.acc.self.name}
	if c.acc.server.name != c.acc.self.name {
		users = append(users, c.acc.server.name)
	}
	ident := "# Written by DIGIT at every start: map, operating system user, role.\n"
	for _, user := range users {
		if strings.ContainsAny(user, "\"\n") {
			return problem(ErrUser, nil, "PostgreSQL cannot be told of a user called %q. Start DIGIT as another user.", user)
		}
		for _, role := range roles {
			ident += fmt.Sprintf("digit %q %s\n", user, role)
		}
	}
	for name, text := range map[string]string{"digit.conf": c.conf, "pg_hba.conf": hba, "pg_ident.conf": ident} {
		if err := writeFile(filepath.Join(c.dir.pgdata, name), text, c.acc.server); err != nil {
			return problem(ErrFolder, err, "The cluster's %s cannot be written.", name)
		}
	}
	return nil
}

// initialise makes the cluster if there is none. It grows in a folder of its own that is renamed when it is
// whole, so that a start killed in between leaves no half cluster.
func (c *Cluster) initialise(ctx context.Context, sync bool) error {
	left, err := filepath.Glob(filepath.Join(c.dir.data, tempPrefix+"*"))
	if err != nil {
		return err
	}
	for _, dir := range left {
		if err := removeUnfinished(ctx, dir); err != nil {
			return err
		}
	}
	if _, err := os.Stat(filepath.Join(c.dir.pgdata, "PG_VERSION")); err == nil {
		return nil
	}
	// An empty folder may have been made for us, as a mount point say; a full one is not ours to touch.
	if err := os.Remove(c.dir.pgdata); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return problem(ErrFolder, err, "%s is not empty and holds no cluster of PostgreSQL. Move it away and start again.", c.dir.pgdata)
	}
	tmp, err := os.MkdirTemp(c.dir.data, tempPrefix+"postgres-")
	if err != nil {
		return problem(ErrFolder, err, "User %s may not write in the data folder %s.", c.acc.self.name, c.dir.data)
	}
	if err := c.acc.server.own(tmp); err != nil {
		return err
	}
	c.log.Info("Making the database for the first time", "version", c.bin.version.String(), "data", c.dir.pgdata)
	if err := c.initdb(ctx, tmp, sync); err != nil {
		return errors.Join(err, removeUnfinished(context.WithoutCancel(ctx), tmp))
	}
	return os.Rename(tmp, c.dir.pgdata)
}

func (c *Cluster) initdb(ctx context.Context, dir string, sync bool) error {
	args := []string{
		"-D", dir, "-U", superuser, "-E", "UTF8", "--auth=peer", "--data-checksums",
		"--locale=" + locale(), "--lc-collate=C", "--no-instructions",
	}
	if !sync {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, c.bin.initdb(), args...)
	cmd.Dir, cmd.Env = "/", serverEnv()
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.acc.credential()}
	dieWithUs(cmd.SysProcAttr, syscall.SIGKILL)
	runtime.LockOSThread() // see startServer
	defer runtime.UnlockOSThread()
	if out, err := cmd.CombinedOutput(); err != nil {
		return problem(ErrStart, err, "PostgreSQL's initdb could not make a cluster in %s as user %s:\n%s", c.dir.data, c.acc.server.name, lastLines(string(out), 15))
	}
	conf, err := os.ReadFile(filepath.Join(dir, "postgresql.conf"))
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, "postgresql.conf"), string(conf)+"\ninclude 'digit.conf'\n", c.acc.server)
}

// removeUnfinished removes a folder that was being made when its start was killed or broken off. The server that initdb
// had running may be writing there still.
func removeUnfinished(ctx context.Context, dir string) error {
	if !signalUntil(ctx, syscall.SIGKILL, workers(dir), patience, func() bool { return len(workers(dir)) == 0 }) {
		return problem(ErrStart, context.Cause(ctx), "Processes %v of an earlier start still work in %s. End them and start again.", workers(dir), dir)
	}
	return os.RemoveAll(dir)
}

// locale is UTF-8 without the habits of a country; sorting for people is done by ICU collations in the queries.
func locale() string {
	if runtime.GOOS == "darwin" {
		return "en_US.UTF-8" // macOS knows no C.UTF-8
	}
	return "C.UTF-8"
}

// serverEnv is all that PostgreSQL's programs get to see. An inherited LANG decides what initdb makes, or makes it fail.
func serverEnv() []string {
	return []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=" + locale(), "TZ=UTC"}
}
