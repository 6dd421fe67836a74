/** Text that wrangler bundles as is: the files of the page. */
declare module "*.txt" {
  const text: string;
  export default text;
}
