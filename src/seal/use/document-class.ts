// Classes of documents (文件类别) as a caller names them in a stamping and a policy of use allows them; 办公常用文种, closed so that both mean the same.

/** 公文, 合同, 证明, 发票, 证照, 函件, 报表, 其他. */
export const documentClasses = [
  'official',
  'contract',
  'certificate',
  'invoice',
  'licence',
  'letter',
  'report',
  'other',
] as const;
export type DocumentClass = (typeof documentClasses)[number];
