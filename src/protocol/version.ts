/** Of the contract: changes within a version only add. */
export const API_VERSION = "1.0.0";
