package inspect

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"digit/internal/infra/platform/fault"
)

// What a child may use, beyond which it ends and the file counts as unreadable.
const (
	childTime   = 30 * time.Second
	childCPU    = 20        // seconds
	childMemory = 768 << 20 // bytes
	childAnswer = 160 << 20 // bytes
)

// Child inspects each file in a process of its own: Program run with Args, which must call Serve. What breaks the parser,
// fills the memory or never ends takes that process with it and nothing else.
type Child struct {
	Program string
	Args    []string
}

// message is the line before the content, both ways.
type message struct {
	Name      string         `json:"name"`
	Declared  string         `json:"declared,omitempty"`
	MediaType string         `json:"media_type,omitempty"`
	Size      int            `json:"size"`
	Code      string         `json:"code,omitempty"`
	Args      map[string]any `json:"args,omitempty"`
	Because   string         `json:"because,omitempty"`
}

// File inspects one file as File of this package does, elsewhere. Errors: those of File.
func (c Child) File(ctx context.Context, q Query) (r Result, err error) {
	defer fault.Wrap(&err, "inspect.Child")
	limited, cancel := context.WithTimeout(ctx, childTime)
	defer cancel()
	in, err := json.Marshal(message{Name: q.Name, Declared: q.Declared, Size: len(q.Content)})
	if err != nil {
		return r, err
	}
	cmd := exec.CommandContext(limited, c.Program, c.Args...)
	cmd.Dir, cmd.Env = "/", []string{"GOMEMLIMIT=512MiB"}
	cmd.Stdin = io.MultiReader(bytes.NewReader(append(in, '\n')), bytes.NewReader(q.Content))
	var out, said bounded
	out.room, said.room = childAnswer, 4<<10
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return r, ctx.Err()
		}
		var died *exec.ExitError
		if errors.As(err, &died) || limited.Err() != nil {
			return r, ErrUnreadable.Because(fmt.Errorf("%w: %s", err, firstLine(said.Bytes())))
		}
		return r, err
	}
	return answer(out.Bytes())
}

func firstLine(b []byte) []byte {
	line, _, _ := bytes.Cut(b, []byte("\n"))
	return line
}

// answer reads what the child wrote.
func answer(b []byte) (r Result, err error) {
	line, content, _ := bytes.Cut(b, []byte("\n"))
	var m message
	if err := json.Unmarshal(line, &m); err != nil {
		return r, err
	}
	if m.Code != "" {
		for _, refusal := range refusals {
			if refusal.Code == m.Code {
				e := refusal.Because(errors.New(m.Because))
				e.Args = m.Args
				return r, e
			}
		}
		return r, fmt.Errorf("%s: %s", m.Code, m.Because)
	}
	if len(content) != m.Size {
		return r, fmt.Errorf("the child's answer has %d bytes, not %d", len(content), m.Size)
	}
	return Result{Name: m.Name, MediaType: m.MediaType, Content: content}, nil
}

// bounded is a buffer that refuses to grow beyond its room.
type bounded struct {
	bytes.Buffer
	room int
}

// Write takes p while there is room.
func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > b.room {
		return 0, errors.New("too much was said")
	}
	return b.Buffer.Write(p)
}

// Serve is the child's side: it gives up what it does not need, reads one file from in and writes to out what became of it.
func Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	if err := confine(); err != nil {
		return err
	}
	os.Stdout = os.Stderr // nothing but the answer may be among the answer
	r := bufio.NewReader(in)
	line, err := r.ReadBytes('\n')
	if err != nil {
		return err
	}
	var m message
	if err := json.Unmarshal(line, &m); err != nil {
		return err
	}
	content := make([]byte, m.Size)
	if _, err := io.ReadFull(r, content); err != nil {
		return err
	}
	found, err := File(ctx, Query{Name: m.Name, Declared: m.Declared, Content: content})
	m = message{Name: found.Name, MediaType: found.MediaType, Size: len(found.Content)}
	if err != nil {
		e := fault.Of(err)
		m = message{Code: e.Code, Args: e.Args, Because: err.Error()}
	}
	if line, err = json.Marshal(m); err != nil {
		return err
	}
	if _, err := out.Write(append(line, '\n')); err != nil {
		return err
	}
	_, err = out.Write(found.Content)
	return err
}

// confine limits this process for good.
func confine() error {
	for resource, limit := range map[int]uint64{
		syscall.RLIMIT_DATA: childMemory, syscall.RLIMIT_CPU: childCPU, syscall.RLIMIT_FSIZE: 0, syscall.RLIMIT_CORE: 0,
	} {
		if err := syscall.Setrlimit(resource, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
			return fmt.Errorf("limiting the process: %w", err)
		}
	}
	return nil
}
