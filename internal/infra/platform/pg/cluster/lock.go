package cluster

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// lock is the right to use a data folder. The system takes it back when the process ends, however it ends.
type lock struct {
	mu sync.Mutex
	f  *os.File
}

func takeLock(data string) (*lock, error) {
	path := filepath.Join(data, "lock")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, 0o644)
	if err != nil {
		return nil, problem(ErrFolder, err, "The data folder %s cannot be used: its file lock cannot be written. It may belong to another user.", data)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, runningProblem(data, f)
		}
		return nil, problem(ErrFolder, err, "The data folder %s cannot be locked; a network file system may be the reason. Choose a folder on a local disk.", data)
	}
	l := &lock{f: f}
	if err := l.write(""); err != nil {
		l.release()
		return nil, err
	}
	return l, nil
}

// runningProblem says who holds the lock, from what the holder wrote into the file.
func runningProblem(data string, f *os.File) error {
	pid, addr := "", ""
	lines := bufio.NewScanner(f)
	if lines.Scan() {
		pid = lines.Text()
	}
	if lines.Scan() {
		addr = lines.Text()
	}
	text := "DIGIT is already running with the data folder " + data
	if pid != "" {
		text += " (process " + pid + ")"
	}
	if addr != "" {
		text += " and answers at " + addr
	}
	return &Problem{
		Is:   ErrRunning.With("pid", pid, "address", addr),
		Text: text + ". Use that one, stop it first, or choose another data folder.",
	}
}

// write notes the holder: its process number and, once it is known, its address.
func (l *lock) write(addr string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.f == nil {
		return nil
	}
	text := fmt.Sprintf("%d\n%s\n", os.Getpid(), strings.ReplaceAll(addr, "\n", " "))
	if err := l.f.Truncate(0); err != nil {
		return err
	}
	_, err := l.f.WriteAt([]byte(text), 0)
	return err
}

// release gives the folder free. The file stays: removing it would let two processes lock two different files.
func (l *lock) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.f != nil {
		_ = l.f.Truncate(0)
		// Closing alone would leave the lock with a process that is just being started and still has all our files.
		_ = syscall.Flock(int(l.f.Fd()), syscall.LOCK_UN)
		_ = l.f.Close()
		l.f = nil
	}
}
