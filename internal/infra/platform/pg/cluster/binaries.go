package cluster

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// oldest is the first major version with everything that our SQL uses.
const oldest = 15

// binaries is one installation of PostgreSQL's programs.
type binaries struct {
	dir     string
	version version
}

func (b binaries) postgres() string { return filepath.Join(b.dir, "postgres") }
func (b binaries) initdb() string   { return filepath.Join(b.dir, "initdb") }

type version struct{ major, minor int }

// String returns "15.18".
func (v version) String() string { return fmt.Sprintf("%d.%d", v.major, v.minor) }

func (v version) compare(w version) int {
	if v.major != w.major {
		return v.major - w.major
	}
	return v.minor - w.minor
}

// searchDirs are where systems keep PostgreSQL's programs, beside PATH.
var searchDirs = []string{
	"/usr/lib/postgresql/*/bin",                          // Debian, Ubuntu
	"/usr/pgsql-*/bin",                                   // PGDG packages for Red Hat and Fedora
	"/usr/libexec/postgresql*",                           // Alpine
	"/opt/homebrew/opt/postgresql@*/bin",                 // Homebrew on Apple silicon
	"/usr/local/opt/postgresql@*/bin",                    // Homebrew on Intel
	"/Applications/Postgres.app/Contents/Versions/*/bin", //
	"/opt/local/lib/postgresql*/bin",                     // MacPorts
	"/usr/local/pgsql/bin",                               // built from source
}

// chooseBinaries returns the programs to use: those of the folder that was named, or of all that can be found
// those of the major version that made the cluster, or for a new cluster the newest. None at all are fetched.
func chooseBinaries(ctx context.Context, named string, dir layout, log *slog.Logger) (binaries, error) {
	made, err := clusterMajor(dir.pgdata)
	if err != nil {
		return binaries{}, err
	}
	if named != "" {
		b, err := inspect(ctx, named)
		if err != nil {
			return b, problem(ErrNoServer, err, "%s does not hold PostgreSQL's programs postgres and initdb.", named)
		}
		return b, fits(made, []binaries{b}, dir)
	}
	found := findBinaries(ctx, dir.data)
	if len(found) == 0 {
		log.Info("No PostgreSQL is installed; fetching one for this data folder", "data", dir.data)
		bin, err := FetchBundle(ctx, dir.data)
		if err != nil {
			return binaries{}, problem(ErrNoServer, err, "%s", howToInstall())
		}
		b, err := inspect(ctx, bin)
		if err != nil {
			return b, problem(ErrNoServer, err, "The PostgreSQL fetched into %s does not run on this system. %s", bin, howToInstall())
		}
		found = []binaries{b}
	}
	if err := fits(made, found, dir); err != nil {
		return binaries{}, err
	}
	for _, b := range found {
		if made == 0 || b.version.major == made {
			return b, nil
		}
	}
	return found[0], nil
}

// fits reports why none of the programs can run the cluster that major version made made (0: none yet).
func fits(made int, found []binaries, dir layout) error {
	var have []string
	for _, b := range found {
		if b.version.major >= oldest && (made == 0 || b.version.major == made) {
			return nil
		}
		have = append(have, fmt.Sprintf("%s (%s)", b.version, b.dir))
	}
	if made != 0 {
		return problem(ErrVersion, nil, "The data in %s was made by PostgreSQL %d, and here is only PostgreSQL %s. "+
			"Install PostgreSQL %d again, or carry the data over with pg_upgrade.", dir.pgdata, made, strings.Join(have, ", "), made)
	}
	return problem(ErrVersion, nil, "DIGIT needs PostgreSQL %d or newer, and here is only %s.\n%s", oldest, strings.Join(have, ", "), howToInstall())
}

// clusterMajor returns the major version that made the cluster, 0 if there is none yet.
func clusterMajor(pgdata string) (int, error) {
	text, err := os.ReadFile(filepath.Join(pgdata, "PG_VERSION"))
	if os.IsNotExist(err) {
		return 0, nil
	}
	if err != nil {
		return 0, problem(ErrFolder, err, "The cluster in %s cannot be read.", pgdata)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, problem(ErrVersion, err, "%s/PG_VERSION does not hold a version number: the cluster is damaged. Restore it from a backup.", pgdata)
	}
	return major, nil
}

// findBinaries returns every installation there is, the newest first and a fetched one last among its equals.
func findBinaries(ctx context.Context, data string) []binaries {
	var dirs []string
	if path, err := exec.LookPath("postgres"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(path))
		}
	}
	for _, pattern := range searchDirs {
		match, _ := filepath.Glob(pattern) // fails only for a bad pattern, and ours are constants
		dirs = append(dirs, match...)
	}
	dirs = append(dirs, filepath.Join(data, bundleDir, "native", "bin"))
	var found []binaries
	for _, dir := range dirs {
		if b, err := inspect(ctx, dir); err == nil && !slices.Contains(found, b) {
			found = append(found, b)
		}
	}
	slices.SortStableFunc(found, func(a, b binaries) int { return b.version.compare(a.version) })
	return found
}

var versionText = regexp.MustCompile(`\(PostgreSQL\) (\d+)(?:\.(\d+))?`)

// inspect asks the programs in dir for their version, which also shows that they run on this system.
func inspect(ctx context.Context, dir string) (binaries, error) {
	b := binaries{dir: dir}
	for _, program := range []string{b.initdb(), b.postgres()} {
		if info, err := os.Stat(program); err != nil {
			return b, err
		} else if info.IsDir() || info.Mode()&0o111 == 0 {
			return b, fmt.Errorf("%s cannot be executed", program)
		}
	}
	cmd := exec.CommandContext(ctx, b.postgres(), "--version")
	cmd.Dir, cmd.Env = "/", serverEnv()
	out, err := cmd.CombinedOutput()
	if err != nil {
		return b, fmt.Errorf("%s --version: %w: %s", b.postgres(), err, bytes.TrimSpace(out))
	}
	m := versionText.FindSubmatch(out)
	if m == nil {
		return b, fmt.Errorf("%s --version: %q names no version", b.postgres(), out)
	}
	b.version.major, _ = strconv.Atoi(string(m[1])) // digits by the expression
	b.version.minor, _ = strconv.Atoi(string(m[2]))
	return b, nil
}

// howToInstall names the package of this system.
func howToInstall() string {
	how := "install PostgreSQL's server with the system's package manager"
	switch system := systemID(); {
	case runtime.GOOS == "darwin":
		how = "run: brew install postgresql@17"
	case strings.Contains(system, "debian"), strings.Contains(system, "ubuntu"):
		how = "run: sudo apt-get install postgresql"
	case strings.Contains(system, "fedora"), strings.Contains(system, "rhel"):
		how = "run: sudo dnf install postgresql-server postgresql-contrib"
	case strings.Contains(system, "alpine"):
		how = "run: apk add postgresql17 postgresql17-contrib"
	case strings.Contains(system, "arch"):
		how = "run: sudo pacman -S postgresql"
	case strings.Contains(system, "suse"):
		how = "run: sudo zypper install postgresql-server postgresql-contrib"
	}
	return "DIGIT keeps its data in PostgreSQL, and no PostgreSQL server is installed here. To get one, " + how +
		".\nOr give the address of a PostgreSQL that runs elsewhere in DATABASE_URL. Where npm is installed, DIGIT fetches a PostgreSQL by itself."
}

// systemID returns the names by which a Linux distribution calls itself and its ancestors.
func systemID() string {
	text, err := os.ReadFile("/etc/os-release")
	if err != nil {
		return ""
	}
	var ids []string
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		key, value, _ := strings.Cut(lines.Text(), "=")
		if key == "ID" || key == "ID_LIKE" {
			ids = append(ids, strings.Trim(value, `"'`))
		}
	}
	return strings.Join(ids, " ")
}
