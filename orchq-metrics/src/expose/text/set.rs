//! The contracts that are encoded together.

use crate::contract::Contract;
use crate::contract::linked::Contracts;

/// One contract, several, or [all](crate::contracts) that the binary uses.
pub trait ContractSet {
    fn contracts(&self) -> Vec<&Contract>;
}

impl ContractSet for Contract {
    fn contracts(&self) -> Vec<&Contract> {
        vec![self]
    }
}

impl ContractSet for Contracts {
    fn contracts(&self) -> Vec<&Contract> {
        self.to_vec()
    }
}

impl ContractSet for [&Contract] {
    fn contracts(&self) -> Vec<&Contract> {
        self.to_vec()
    }
}

impl<const N: usize> ContractSet for [&Contract; N] {
    fn contracts(&self) -> Vec<&Contract> {
        self.to_vec()
    }
}
