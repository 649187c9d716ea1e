/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A fuzz target as a plain program: replays the files and directories that it
 * is given, so that a corpus runs in the test suite without libFuzzer.
 */
#define _POSIX_C_SOURCE 200809L

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "fuzz.h"

#define MAX_INPUT (1u << 20)

static unsigned int replayed;

static int replay_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = malloc(MAX_INPUT);
	size_t size;

	if (!f || !data) {
		perror(path);
		free(data);
		return 1;
	}
	size = fread(data, 1, MAX_INPUT, f);
	(void)fclose(f);
	/* A block of the exact size, so that sanitizers see reads beyond it. */
	data = realloc(data, size ? size : 1);
	if (!data)
		return 1;
	(void)LLVMFuzzerTestOneInput(data, size);
	free(data);
	replayed++;
	return 0;
}

static int replay_directory(const char *path)
{
	struct dirent **entry;
	int n = scandir(path, &entry, NULL, alphasort);
	int bad = n < 0;

	if (bad)
		perror(path);
	for (int i = 0; i < n; i++) {
		char file[4096];

		if (entry[i]->d_name[0] != '.') {
			(void)snprintf(file, sizeof(file), "%s/%s", path, entry[i]->d_name);
			bad |= replay_file(file);
		}
		free(entry[i]);
	}
	if (n >= 0)
		free(entry);
	return bad;
}

int main(int argc, char **argv)
{
	int bad = 0;

	for (int i = 1; i < argc; i++) {
		struct stat st;

		if (stat(argv[i], &st)) {
			perror(argv[i]);
			bad = 1;
		} else if (S_ISDIR(st.st_mode)) {
			bad |= replay_directory(argv[i]);
		} else {
			bad |= replay_file(argv[i]);
		}
	}
	if (!replayed) {
		(void)fprintf(stderr, "usage: %s FILE-OR-DIRECTORY...\n", argv[0]);
		return 2;
	}
	return bad;
}
