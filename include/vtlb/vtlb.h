/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vtlb: an executable model of what an x86 guest may see through its TLB.
 *
 * Levels of use:
 *  1. A unit test with a trace: vtlb_trace_parse(), vtlb_trace_run().
 *  2. A unit test that drives a check by itself: vtlb_check_init(),
 *     vtlb_check_step(), vtlb_check_blame().
 *  3. Judging your own hypervisor: fill a struct vtlb_impl (vtlb/impl.h).
 *  4. The contract alone, e.g. beside an emulator: vtlb_contract_step(),
 *     vtlb_contract_allowed().
 */
#ifndef VTLB_VTLB_H
#define VTLB_VTLB_H

#include "vtlb/check.h"
#include "vtlb/contract.h"
#include "vtlb/error.h"
#include "vtlb/impl.h"
#include "vtlb/kvm.h"
#include "vtlb/op.h"
#include "vtlb/rules.h"
#include "vtlb/scope.h"
#include "vtlb/trace.h"
#include "vtlb/world.h"
#include "vtlb/x86.h"

#endif /* VTLB_VTLB_H */
