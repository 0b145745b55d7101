package edge

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"digit/cmd/digit/app"
)

// asChild, in the environment, makes this program the platform itself: a second process, which tests can kill.
const asChild = "DIGIT_EDGE_CHILD"

// child runs the platform as the settings in the environment say, and tells its address on the standard output.
func child(settings string) int {
	var c app.Config
	if err := json.Unmarshal([]byte(settings), &c); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	a, err := app.Open(ctx, c)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println(a.URL())
	if err := a.Run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// process is another process of a house.
type process struct {
	house
	cmd *exec.Cmd
}

// another starts a second process on a house's database. It gets the root key from the environment, as the first wrote it
// into its file.
func (h *house) another(t *testing.T) *process {
	t.Helper()
	key, err := os.ReadFile(filepath.Join(h.Config.Data, "root.key"))
	if err != nil {
		t.Fatal(err)
	}
	c := app.Config{
		Listen: "localhost:0", Data: t.TempDir(), DatabaseURL: h.Config.DatabaseURL, RootKey: "env", Log: "text", LogLevel: "error", Demo: true, Version: "test",
		KeyTimes: h.Config.KeyTimes,
	}
	settings, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	p := &process{house: house{App: h.App, Log: h.Log, super: h.super}}
	p.cmd = exec.Command(os.Args[0])
	p.cmd.Env = append(os.Environ(), asChild+"="+string(settings), "DIGIT_ROOT_KEY="+string(key))
	p.cmd.Stderr = os.Stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the second process does not start: %v", err)
	}
	p.URL = strings.TrimSpace(line)
	return p
}

// kill ends the process as a power cut would. Again is no harm.
func (p *process) kill() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Kill() // what is dead already
		_ = p.cmd.Wait()         // it says that it was killed
	}
}
