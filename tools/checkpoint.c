/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Checkpoint files.  The machine may stop at any moment, so a file has its name
 * only when it is whole and on the disk; and a disk may be full or lie, so that
 * is no reason to stop searching, and nothing is believed before its checksum.
 *
 *	magic, 8 bytes; version, 4; zero, 4; contents; length of all of this and
 *	itself, 8; XXH3 of everything before it, 8.  Little-endian, as the contents
 *	are of this machine anyhow.
 */
#define _GNU_SOURCE
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "out.h"
#include "progress.h"

#define MAGIC "vtlbsave"
#define VERSION 1u
#define BUFFER 65536u

struct head {
	char magic[8];
	uint32_t version;
	uint32_t zero;
};

struct tail {
	uint64_t len;
	uint64_t hash;
};

/* An XXH3 state has to be aligned to 64 bytes. */
static XXH3_state_t *new_hash(void)
{
	XXH3_state_t *hash = XXH3_createState();

	if (!hash)
		out_die("out of memory");
	XXH3_64bits_reset(hash);
	return hash;
}

int checkpoint_begin(struct checkpoint *c, const char *name)
{
	size_t len = strlen(name) + sizeof(".tmp");
	struct stat st;
	int code;

	memset(c, 0, sizeof(*c));
	/* what has this name is replaced, at the first save */
	if (!*name || (stat(name, &st) == 0 && !S_ISREG(st.st_mode)))
		return out_error(EXIT_USAGE, name, 0, 0, "cannot be a checkpoint: %s",
				 *name ? "it exists and is no file" : "it has no name");
	code = file_check_writable(name);
	if (code)
		return code;
	c->name = name;
	c->tmp = out_alloc(len, 1);
	snprintf(c->tmp, len, "%s.tmp", name);
	return file_check_writable(c->tmp);
}

/* The search is worth more than the checkpoint: say it once and go on. */
static bool give_up(struct checkpoint *c, const char *what)
{
	int err = errno;

	if (c->f) {
		fclose(c->f);
		unlink(c->tmp);
	}
	c->f = NULL;
	XXH3_freeState(c->hash);
	c->hash = NULL;
	if (!c->warned) {
		progress_clear();
		fprintf(stderr, "vtlb: warning: %s: %s: %s; no checkpoint was written, the search "
				"goes on\n", c->tmp, what, strerror(err));
	}
	c->warned = true;
	return false;
}

bool checkpoint_open(struct checkpoint *c)
{
	struct head head = { MAGIC, VERSION, 0 };

	c->f = fopen(c->tmp, "wb");
	if (!c->f)
		return give_up(c, "cannot open for writing");
	c->hash = new_hash();
	c->len = 0;
	return checkpoint_write(c, &head, sizeof(head));
}

bool checkpoint_write(struct checkpoint *c, const void *data, size_t len)
{
	if (!c->f)
		return false;
	if (len && fwrite(data, 1, len, c->f) != len)
		return give_up(c, "cannot write");
	XXH3_64bits_update(c->hash, data, len);
	c->len += len;
	return true;
}

/* The new name has to be on the disk as well as the contents. */
static void sync_folder(const char *name)
{
	char *copy = out_alloc(strlen(name) + 1, 1);
	int fd;

	memcpy(copy, name, strlen(name));
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(copy);
}

bool checkpoint_commit(struct checkpoint *c)
{
	uint64_t len = c->len + sizeof(struct tail), hash;
	int failed;

	if (!checkpoint_write(c, &len, sizeof(len)))
		return false;
	hash = XXH3_64bits_digest(c->hash);
	if (!checkpoint_write(c, &hash, sizeof(hash)))
		return false;
	if (fflush(c->f) != 0 || fsync(fileno(c->f)) != 0)
		return give_up(c, "cannot write");
	failed = fclose(c->f);
	c->f = NULL;
	if (failed || rename(c->tmp, c->name) != 0) {
		int err = errno;

		unlink(c->tmp);
		errno = err;
		return give_up(c, "cannot be put in place");
	}
	sync_folder(c->name);
	XXH3_freeState(c->hash);
	c->hash = NULL;
	return true;
}

void checkpoint_end(struct checkpoint *c)
{
	if (c->f) {
		fclose(c->f);
		unlink(c->tmp);
	}
	XXH3_freeState(c->hash);
	free(c->tmp);
	memset(c, 0, sizeof(*c));
}

static int bad(const struct checkpoint_file *c, const char *what)
{
	return out_error(EXIT_USAGE, c->name, 0, 0, "cannot resume: %s", what);
}

static int check_head(const struct checkpoint_file *c, uint64_t size)
{
	struct head head;

	if (size < sizeof(head) || fread(&head, sizeof(head), 1, c->f) != 1 ||
	    memcmp(head.magic, MAGIC, sizeof(head.magic)) != 0)
		return bad(c, "this is no checkpoint of vtlb");
	if (head.version != VERSION)
		return out_error(EXIT_USAGE, c->name, 0, 0,
				 "cannot resume: the checkpoint has format %u, this vtlb reads "
				 "format %u", head.version, VERSION);
	if (size < sizeof(head) + sizeof(struct tail))
		return bad(c, "the checkpoint is cut off");
	return 0;
}

static int check_sum(const struct checkpoint_file *c, uint64_t size)
{
	uint64_t left = size - sizeof(uint64_t);
	uint8_t *buffer = out_alloc(BUFFER, 1);
	XXH3_state_t *hash = new_hash();
	uint64_t sum;

	rewind(c->f);
	while (left) {
		size_t n = left < BUFFER ? (size_t)left : BUFFER;

		if (fread(buffer, 1, n, c->f) != n)
			break;
		XXH3_64bits_update(hash, buffer, n);
		left -= n;
	}
	free(buffer);
	sum = XXH3_64bits_digest(hash);
	XXH3_freeState(hash);
	if (left)
		return out_error(EXIT_USAGE, c->name, 0, 0, "cannot read: %s", strerror(errno));
	if (fread(&left, sizeof(left), 1, c->f) != 1 || left != sum)
		return bad(c, "the checkpoint is damaged, its checksum is wrong");
	return 0;
}

static int check_file(const struct checkpoint_file *c, uint64_t *size)
{
	struct tail tail;
	off_t end;
	int code;

	if (fseeko(c->f, 0, SEEK_END) != 0 || (end = ftello(c->f)) < 0)
		return out_error(EXIT_USAGE, c->name, 0, 0, "cannot read: %s", strerror(errno));
	*size = (uint64_t)end;
	rewind(c->f);
	code = check_head(c, *size);
	if (code)
		return code;
	if (fseeko(c->f, end - (off_t)sizeof(tail), SEEK_SET) != 0 ||
	    fread(&tail, sizeof(tail), 1, c->f) != 1 || tail.len != *size)
		return bad(c, "the checkpoint is damaged or cut off, its length is wrong");
	return check_sum(c, *size);
}

int checkpoint_load(struct checkpoint_file *c, const char *name)
{
	uint64_t size = 0;
	int code;

	memset(c, 0, sizeof(*c));
	c->name = name;
	c->f = fopen(name, "rb");
	if (!c->f)
		return out_error(EXIT_USAGE, name, 0, 0, "cannot open: %s", strerror(errno));
	code = check_file(c, &size);
	if (!code && fseeko(c->f, sizeof(struct head), SEEK_SET) != 0)
		code = out_error(EXIT_USAGE, name, 0, 0, "cannot read: %s", strerror(errno));
	if (code)
		checkpoint_close(c);
	else
		c->left = size - sizeof(struct head) - sizeof(struct tail);
	return code;
}

bool checkpoint_read(struct checkpoint_file *c, void *data, size_t len)
{
	if (!c->f || len > c->left || (len && fread(data, 1, len, c->f) != len))
		return false;
	c->left -= len;
	return true;
}

void checkpoint_close(struct checkpoint_file *c)
{
	if (c->f)
		fclose(c->f);
	memset(c, 0, sizeof(*c));
}
