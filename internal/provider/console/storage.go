package console

import (
	"context"
	"fmt"

	"digit/internal/infra/platform/pg"
)

// storage tells how large the database is and whether the disk of the data folder has room.
func (s *Service) storage(ctx context.Context, db *pg.DB) []Check {
	var size int64
	if err := db.Directory().QueryRow(ctx, `SELECT pg_database_size(current_database())`).Scan(&size); err != nil {
		return []Check{check("storage", Warn, "unknown")}
	}
	checks := []Check{check("storage", OK, "database", "size", bytes(size))}
	if s.deps.DataDir == "" {
		return checks
	}
	free, err := freeSpace(s.deps.DataDir)
	switch {
	case err != nil:
		return append(checks, check("storage", Warn, "unknown"))
	case free < leastFree:
		return append(checks, check("storage", Warn, "disk_low", "free", bytes(free)))
	}
	return append(checks, check("storage", OK, "disk", "free", bytes(free)))
}

// bytes writes a size as people read it: "1.4 GB".
func bytes(n int64) string {
	const unit = 1000
	if n < unit {
		return fmt.Sprintf("%d B", n)
	}
	size, exp := float64(n)/unit, 0
	for size >= unit && exp < 4 {
		size, exp = size/unit, exp+1
	}
	return fmt.Sprintf("%.1f %cB", size, "kMGTP"[exp])
}
