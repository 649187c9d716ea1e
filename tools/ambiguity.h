/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Places where the manuals can be read in more than one way.  Records name
 * them ("AMB-1"); here is what the name stands for.
 */
#ifndef TOOLS_AMBIGUITY_H
#define TOOLS_AMBIGUITY_H

/**
 * struct ambiguity - one open question and its answer under both readings
 * @id: as in struct vtlb_rule .amb; numbers are not reused, so some are missing
 */
struct ambiguity {
	const char *id;
	const char *question;
	const char *rely;
	const char *owe;
};

extern const struct ambiguity ambiguities[];
extern const unsigned int nr_ambiguities;

/** ambiguity_by_id() - NULL if there is none */
const struct ambiguity *ambiguity_by_id(const char *id);

#endif /* TOOLS_AMBIGUITY_H */
