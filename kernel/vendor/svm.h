/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Between the two halves of the svm vendor unit: the module's surroundings, and VMRUN.
 */
#ifndef VENDOR_SVM_H
#define VENDOR_SVM_H

#include "kernel_side.h"
#include "svm/svm.h"

/** svm_save_guest() - segments, CPL and flags to the VMCB, as an exit saves them */
void svm_save_guest(struct vmcb *vmcb);

#endif /* VENDOR_SVM_H */
